import { fail, ownFault, type Result, succeed } from '../adapter-kit/index.ts';
import { LINKS_PER_READ } from '../limits.ts';
import type { Links } from '../routing/links.ts';
import type { MatchLease, MatchLink } from '../state/matches/match-rows.ts';
import { MATCH_ROWS_PER_STEP } from './match-limits.ts';
import { changedLinks, endsOfLink, NO_MATCH_LINKS } from './match-links.ts';
import { type ReadRun, targetsOf } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import { withRetries } from './retries.ts';
import type { StepDone, StoreStep } from './run-step.ts';

type LinkPorts = Pick<MatchingPorts, 'links' | 'linkChanges' | 'sleep' | 'store'>;

/** Returns a digest of the links of the configuration; empty where it has none. */
export function linksFileOf(links: Links | undefined): string {
  return links?.changes?.below?.digest ?? '';
}

/**
 * Notes which profiles the links of the configuration lead to, from the start; those that the API
 * has changed come after them. Returns the digest of the file; undefined where the lease is over.
 */
export async function readFileLinks(
  { links, sleep, store }: LinkPorts,
  lease: MatchLease,
  { progress, spec }: ReadRun<object>,
  storeStep: StoreStep,
): Promise<string | undefined> {
  const clearSome = () => store.clearLinks(lease, MATCH_ROWS_PER_STEP);
  do {
    if (!(await storeStep({ progress }))) return undefined;
  } while ((await withRetries({ sleep }, clearSome)) > 0);
  const current = links();
  const file = current?.changes?.below;
  for (let place: number | undefined = 0; place !== undefined && file?.list; ) {
    const listed = file.list(place, MATCH_ROWS_PER_STEP);
    const ends = listed.links.flatMap(({ id, link }): readonly MatchLink[] =>
      endsOfLink(targetsOf(spec), id, Object.fromEntries(link)),
    );
    const isEmpty = ends.length === 0;
    if (!isEmpty && !(await storeStep({ progress, links: { ids: [], ends } }))) return undefined;
    place = listed.next;
  }
  return linksFileOf(current);
}

/** Notes which profiles the links lead to that the API has set, a page at a time. */
export async function readApiLinks(
  { linkChanges }: Pick<LinkPorts, 'linkChanges'>,
  { progress, spec }: ReadRun<object>,
): Promise<Result<StepDone>> {
  const { rows, version } = await linkChanges(progress.linkPlace, LINKS_PER_READ);
  if (version < progress.linkPlace.version) {
    const detail = 'The links are those of an earlier time: resume the run.';
    return fail(ownFault('state_unavailable', detail));
  }
  const last = rows.at(-1);
  const linkPlace =
    last === undefined ? progress.linkPlace : { version: last.version, id: last.id };
  const links = rows.length === 0 ? NO_MATCH_LINKS : changedLinks(targetsOf(spec), rows);
  const isLast = rows.length < LINKS_PER_READ;
  const done = isLast ? ({ phase: 'compare', linksVersion: version, after: '' } as const) : {};
  return succeed({ links, progress: { ...progress, linkPlace, ...done } });
}
