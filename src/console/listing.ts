import { html } from 'hono/html';
import type { ApiProblem } from './api.ts';
import { emptyState, type Html, linkTo, mono, problemNotice, smallLine } from './elements.ts';
import { parameterIn, type Visit } from './visit.ts';

/**
 * The link to the next page of a list at `path`, whose filters stay; `parameter` holds its place.
 * An action that shows the list has another path than the list.
 */
export function morePages(
  { query }: Pick<Visit, 'query'>,
  path: string,
  next: string | undefined,
  parameter: 'after' | 'cursor' = 'after',
): Html | string {
  const isFirst = !query.has(parameter);
  if (next === undefined && isFirst) return '';
  const first = new URLSearchParams(query);
  // What an action has led to is said once.
  for (const name of [parameter, ...OF_ACTIONS]) first.delete(name);
  const more = new URLSearchParams(first);
  if (next !== undefined) more.set(parameter, next);
  return html`<nav class="pages" aria-label="Pages">
    ${isFirst ? '' : html`<a href="${path}?${first.toString()}">First page</a>`}
    ${next === undefined ? '' : linkTo(`${path}?${more.toString()}`, 'Next page')}
  </nav>`;
}

const OF_ACTIONS = ['done', 'count', 'receipt', 'next'];

/** Shown in place of a list of the state: without a state this is no failure. */
export function withoutState(problem: ApiProblem): Html {
  if (problem.code !== 'not_found') return problemNotice(problem);
  return emptyState(
    'Nothing is kept',
    html`This gateway has no state, so nothing outlives its process. Set <code>state</code> in the
      configuration to keep receipts, links and profiles in doubt, and to run several replicas.`,
  );
}

/** The id of a profile in the words of its caller, where it is another. */
export function writtenId(id: string): Html {
  return smallLine(html`written ${mono(id)}`);
}

/** Returns the address of the page of a receipt. */
export function receiptAddress(writeId: string): string {
  return `/console/receipts/${encodeURIComponent(writeId)}`;
}

/** A link to the receipt that an action has left, where its address names one. */
export function receiptLink(visit: Visit): Html | string {
  const receipt = parameterIn(visit, 'receipt');
  if (receipt === undefined) return '';
  return html`<p>${linkTo(receiptAddress(receipt), 'See its receipt')}</p>`;
}
