import {
  fail,
  type ListFilter,
  type ListOperation,
  limitBroken,
  ownFault,
  type Result,
  succeed,
} from '../../adapter-kit/index.ts';
import { FILTER_CHARACTERS_MAX, LIST_PAGE_ITEMS } from '../../limits.ts';

/** The part of a query that asks for a page of one target. */
export type ListQuery = {
  readonly limit: number;
  readonly filters: ReadonlyMap<string, string>;
  readonly cursor: string | undefined;
};

/** Members of a query that are no filters. */
const PAGING = ['target', 'limit', 'cursor'];

/** Reads the query of a list by what the target declares; the fault says which member is wrong. */
export function readListQuery(
  { filters: declared, pageSizeMax }: ListOperation,
  parameters: Readonly<Record<string, readonly string[]>>,
): Result<ListQuery> {
  const filters = new Map<string, string>();
  for (const [name, values] of Object.entries(parameters)) {
    if (values.length !== 1) return unusable(`The query has ${shown(name)} more than once.`);
    if (PAGING.includes(name)) continue;
    const filter = declared.find((one) => one.name === name);
    if (filter === undefined) {
      const known = [...PAGING, ...declared.map((one) => one.name)].join(', ');
      return unusable(`The list of this target accepts only ${known}.`);
    }
    const value = values[0] ?? '';
    const reason = filterRefusal(filter, value);
    if (reason !== undefined) return unusable(`${name} ${reason}.`);
    filters.set(name, value);
  }
  const { cursor, limit: limits } = parameters;
  const text = limits?.[0] ?? String(Math.min(LIST_PAGE_ITEMS, pageSizeMax));
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > pageSizeMax) {
    return unusable(`limit must be an integer from 1 to ${pageSizeMax}`);
  }
  return succeed({ limit, filters, cursor: cursor?.[0] });
}

function filterRefusal({ limits, values }: ListFilter, value: string): string | undefined {
  if (value === '' || value.length > FILTER_CHARACTERS_MAX) {
    return `must have 1 to ${FILTER_CHARACTERS_MAX} characters`;
  }
  if (/\p{Cc}|\p{Cs}/u.test(value)) return 'must have no control character';
  if (values !== undefined && !values.includes(value)) return `must be one of ${values.join(', ')}`;
  return limitBroken(limits, value);
}

/** Names of parameters are the caller's text, and only plain ones are quoted. */
function shown(name: string): string {
  return /^[\w.]{1,64}$/.test(name) ? name : 'a parameter';
}

function unusable(detail: string): Result<never> {
  return fail(ownFault('invalid_filter', detail));
}
