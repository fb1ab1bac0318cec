import {
  type Fault,
  fail,
  isRawNumber,
  type Json,
  type ListFilter,
  type ListOperation,
  type ListPage,
  ownFault,
  type Result,
  type StoredProfile,
  succeed,
  valueAt,
} from '../../adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import { type Exchange, withExchange } from '../../upstream/exchange.ts';
import { readWithRetry } from '../../upstream/send-with-retry.ts';
import type { Target } from '../../upstream/target.ts';
import { RESPONSE_TOO_LARGE } from '../../upstream/target-fault.ts';
import type { ExchangeResult } from '../../upstream/target-health.ts';

export type ListPageRequest = {
  readonly target: Target;
  readonly list: ListOperation;
  /** Values by the names of declared filters. */
  readonly filters: ReadonlyMap<string, string>;
  readonly limit: number;
  /** The `next` of the page before; undefined: the first page. */
  readonly position: Json | undefined;
  /** When the caller must have an answer, by the monotonic clock. */
  readonly endMs: number;
};

export type ListPageAnswer =
  | { readonly ok: true; readonly exchange: Exchange; readonly page: ListPage }
  | { readonly ok: false; readonly exchange?: Exchange; readonly fault: Fault };

/** Reads one page of a target; each item meets the filters exactly, whatever the vendor matches. */
export function listProfiles(ports: Ports, request: ListPageRequest): Promise<ListPageAnswer> {
  const { endMs, filters, limit, list, position, target } = request;
  const refused = (fault: Fault): ListPageAnswer => ({ ok: false, fault });
  const counted = { purpose: 'read', refused, resultOf: listResult } as const;
  return withExchange({ target, ports, endMs, ...counted }, async (exchange) => {
    const read = await readWithRetry(exchange, list.page({ filters, limit, position }));
    if (!read.ok) return { ok: false, exchange, fault: worded(read.fault, list) };
    const { items } = read.value;
    const meets = createFilter(list.filters, filters);
    return { ok: true, exchange, page: { ...read.value, items: items.filter(meets) } };
  });
}

/** A page of profiles, and the cursor of the next one, for callers inside the gateway. */
export type ProfilePage = {
  readonly items: readonly StoredProfile[];
  /** Absent: this is the last page. */
  readonly cursor?: string;
  /** The target has left out profiles that no page shows. */
  readonly isTruncated?: true;
  /** Pages have numbers: while others come and go, a walk may miss a profile that is there. */
  readonly isShifting?: true;
};

/**
 * Creates a function that reads a target page by page, each within the deadline of a request. Its
 * cursors are not signed: they must not come from callers.
 */
export function createPageReader(
  ports: Ports,
): (target: Target, cursor?: string) => Promise<Result<ProfilePage>> {
  return async (target, cursor) => {
    const { list } = target.connection;
    if (list === undefined) {
      return fail(ownFault('method_not_allowed', `The target ${target.name} lists no profiles.`));
    }
    const position: Json | undefined = cursor === undefined ? undefined : JSON.parse(cursor);
    const answer = await listProfiles(ports, {
      target,
      list,
      filters: new Map(),
      limit: list.pageSizeMax,
      position,
      endMs: ports.monotonicMs() + ports.deadlineMs,
    });
    if (!answer.ok) return fail(answer.fault);
    const { items, next, isTruncated } = answer.page;
    return succeed({
      items,
      ...(next === undefined ? {} : { cursor: JSON.stringify(next) }),
      ...(isTruncated === undefined ? {} : { isTruncated }),
      ...(list.completeness === 'shifting' ? { isShifting: true as const } : {}),
    });
  };
}

function listResult(answer: ListPageAnswer): ExchangeResult {
  if (answer.ok) return { outcome: 'read', code: undefined };
  return { outcome: 'readFailed', code: answer.fault.code };
}

/** Adds to the fault of a page that is too large how to get smaller ones. */
function worded(fault: Fault, { ignoresLimit }: ListOperation): Fault {
  if (fault.detail !== RESPONSE_TOO_LARGE) return fault;
  const size = `The page has more than ${RESPONSE_BODY_BYTES_MAX} bytes`;
  const remedy = 'request fewer profiles by `limit`, or filter them';
  const detail = `${size}: ${ignoresLimit === true ? `${remedy}, where it has pages` : remedy}.`;
  return { ...fault, detail };
}

/** Creates the test that an item passes if the value of each filter is that of its field. */
function createFilter(
  declared: readonly ListFilter[],
  filters: ReadonlyMap<string, string>,
): (profile: StoredProfile) => boolean {
  const wanted = declared.flatMap(({ name, pointer }) => {
    const value = filters.get(name);
    return value === undefined || pointer === undefined ? [] : [{ pointer, value }];
  });
  return ({ content }) =>
    wanted.every(({ pointer, value }) => queryTextOf(valueAt(content, pointer)) === value);
}

/** Returns the text that a query has for a value; undefined where it has none. */
function queryTextOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (isRawNumber(value)) return value.rawJSON;
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : undefined;
}
