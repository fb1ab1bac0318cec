import type * as z from 'zod/mini';
import type { matchAnswers } from '../../../http/openapi/matches/schemas.ts';

export type ShownRun = z.infer<ReturnType<typeof matchAnswers>['run']>;
export type RunPage = z.infer<ReturnType<typeof matchAnswers>['candidates']>;
export type ShownCandidate = RunPage['candidates'][number];
export type ShownSituation = ShownCandidate['situation'];
type SkippedFor = z.infer<
  ReturnType<typeof matchAnswers>['confirmed']
>['skipped'][number]['reason'];

/** Meaning of each situation, in the order in which they are shown. */
export const SITUATION_WORDS: Readonly<Record<ShownSituation, string>> = {
  unique: 'one profile at each target, neither with a partner',
  ambiguous: 'one profile at one target, several at the other',
  duplicate_key: 'several profiles of a target have the same key',
  missing: 'at the first target only',
  extra: 'at the second target only',
  already_linked: 'linked to each other, or to others',
  refused: 'refused by an operator',
};

/** Reasons for which nothing was done about a candidate. */
export const SKIP_WORDS: Readonly<Record<SkippedFor, string>> = {
  not_found: 'the run has no such candidate, or it has no such pair',
  pair_needed: 'it has several pairs: name one',
  already_linked: 'a profile of the pair has a partner by now',
  refused: 'the pair was refused',
  two_links: 'each profile has a link of its own: remove one of them first',
  no_id: 'the profile at the first target has no text for the id of the link: name one',
  invalid_id: 'the id of the link is not one',
  id_taken: 'the id of the link leads elsewhere, or the pair has a link of another id',
};

/** Returns the address of the page of a run. */
export function runAddress(id: string, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `/console/matches/${encodeURIComponent(id)}${search === '' ? '' : `?${search}`}`;
}

/** Returns the path of a run in the API. */
export function apiRunPath(id: string, rest = ''): string {
  return `/admin/matches/${encodeURIComponent(id)}${rest}`;
}

/** Returns the pointers that are compared. */
export function keysText({ keys }: Pick<ShownRun, 'keys'>): string {
  const texts = keys.map(({ pointer, secondPointer }) =>
    secondPointer === undefined ? pointer : `${pointer} = ${secondPointer}`,
  );
  return texts.join(', ');
}
