import { html } from 'hono/html';
import { matchAnswers } from '../../../http/openapi/matches/schemas.ts';
import { countText, type Html, notice } from '../../elements.ts';
import type { Visit } from '../../visit.ts';
import { type ActionResult, fieldIn, reasonIn, receiptParameter } from '../view.ts';
import { apiRunPath, runAddress, SKIP_WORDS } from './match-words.ts';
import { runIdIn, showRefusal, showRun } from './run.ts';

/** Confirms or refuses one pair of a candidate. */
export function decideOne(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const [candidate, first, second, id] = ['candidate', 'first', 'second', 'link'].map((name) =>
    fieldIn(form, name),
  );
  const isConfirmed = fieldIn(form, 'decision') === 'confirm';
  const choice = {
    candidate,
    ...(first === '' || second === '' ? {} : { upstreamIds: [first, second] }),
    ...(id === '' || !isConfirmed ? {} : { id }),
  };
  const place = ['situation', 'after'].flatMap((name): [string, string][] => {
    const value = fieldIn(form, name);
    return value === '' ? [] : [[name, value]];
  });
  return sendChoices(visit, form, { candidates: [choice] }, Object.fromEntries(place));
}

/** Confirms or refuses all candidates that are unique, as many as one request may. */
export function decideAll(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const after = fieldIn(form, 'after');
  return sendChoices(visit, form, { all: 'unique', ...(after === '' ? {} : { after }) }, {});
}

type DecidedAmount = {
  readonly count: number;
  readonly skipped: readonly { readonly reason: keyof typeof SKIP_WORDS }[];
  readonly next?: string;
};

async function sendChoices(
  visit: Visit,
  form: URLSearchParams,
  choices: object,
  place: Readonly<Record<string, string>>,
): Promise<ActionResult> {
  const id = runIdIn(visit);
  const kind = fieldIn(form, 'decision') === 'confirm' ? 'confirm' : 'refuse';
  const request = { method: 'POST', body: { ...choices, ...reasonIn(form) } } as const;
  const path = apiRunPath(id, `/${kind}`);
  const answer =
    kind === 'confirm'
      ? await visit.api(path, matchAnswers().confirmed, request)
      : await visit.api(path, matchAnswers().refused, request);
  if (!answer.ok) return showRefusal(visit, answer.problem);
  const { value } = answer;
  const { next, skipped } = value;
  const count = 'confirmed' in value ? value.confirmed : value.refused;
  const more = next === undefined ? {} : { next };
  const decided: DecidedAmount = { count, skipped, ...more };
  const query = { ...place, done: kind, count: String(count), ...more };
  const address = `${runAddress(id, query)}${receiptParameter(answer.headers)}`;
  if (skipped.length === 0) return { to: address };
  const status = count === 0 ? 409 : 200;
  return { ...(await showRun(visit, skippedNotice(decided, kind, address))), status };
}

/** Says how many candidates were left as they are, by reason. */
function skippedNotice(
  { count, next, skipped }: DecidedAmount,
  kind: 'confirm' | 'refuse',
  address: string,
): Html {
  const reasons = Map.groupBy(skipped, ({ reason }) => reason);
  const lines = [...reasons].map(
    ([reason, all]) => html`<li>${countText(all.length)}: ${SKIP_WORDS[reason]}</li>`,
  );
  const verb = kind === 'confirm' ? 'confirmed' : 'refused';
  const title = `${countText(count)} ${verb}, ${countText(skipped.length)} left as they are`;
  const more = next === undefined ? '' : html`<p><a href="${address}">Go on with the rest</a></p>`;
  return notice(count === 0 ? 'bad' : 'warn', title, html`<ul>${lines}</ul>${more}`);
}
