import {
  type Connection,
  type CreateOperation,
  type ListOperation,
  type ListPage,
  ownFault,
  ownText,
  type RemoveOperation,
  type Result,
  type StoredProfile,
  succeed,
} from '../../../src/adapter-kit/index.ts';
import { ended } from './wrapping.ts';

/** A slip in a list, a create or a delete of one vendor. */
export type OperationMutant = {
  readonly kind: string;
  readonly name: string;
  readonly slip: (connection: Connection) => Connection;
};

/** What an operation does otherwise, by the name of the slip. */
type Slips<T> = Readonly<Record<string, (operation: T) => Partial<T> | undefined>>;

/** Every slip in the operations of a connection; an operation that it lacks has none. */
export function operationMutants({ create, list, remove }: Connection): OperationMutant[] {
  return [
    ...mutants('list', list, LIST, (changed) => ({ list: changed })),
    ...mutants('create', create, CREATE, (changed) => ({ create: changed })),
    ...mutants('delete', remove, DELETE, (changed) => ({ remove: changed })),
  ];
}

/** Reports whether a mutant of this name is one of an operation. */
export function isOfOperation(name: string): boolean {
  return /^(?:list|create|delete): /.test(name);
}

function mutants<T>(
  kind: string,
  operation: T | undefined,
  slips: Slips<T>,
  placed: (changed: T) => Partial<Connection>,
): OperationMutant[] {
  if (operation === undefined) return [];
  return Object.entries(slips).flatMap(([name, slip]) => {
    const changed = slip(operation);
    if (changed === undefined) return [];
    const change = placed({ ...operation, ...changed });
    return [{ kind, name: `${kind}: ${name}`, slip: (own: Connection) => ({ ...own, ...change }) }];
  });
}

/** Slips that every vendor's list can have. */
const LIST: Slips<ListOperation> = {
  'last item left out': (list) =>
    pages(list, ({ items, ...page }) => ({ ...page, items: items.slice(0, -1) })),
  'first item left out': (list) =>
    pages(list, ({ items, ...page }) => ({ ...page, items: items.slice(1) })),
  'an item twice': (list) =>
    pages(list, ({ items, ...page }) => ({ ...page, items: [...items.slice(0, 1), ...items] })),
  'ids of neighbors': (list) =>
    pages(list, ({ items, ...page }) => ({ ...page, items: items.map(withIdOf(items)) })),
  'items without content': (list) =>
    pages(list, ({ items, ...page }) => ({
      ...page,
      items: items.map((item) => ({ ...item, content: {} })),
    })),
  'never another page': (list) => pages(list, ({ next: _next, ...page }) => page),
  'always another page': (list) => pages(list, (page) => ({ next: { after: 'x' }, ...page })),
  'position ignored': ({ page }) => ({
    page: (request) => page({ ...request, position: undefined }),
  }),
  'filters ignored': ({ page }) => ({
    page: (request) => page({ ...request, filters: new Map() }),
  }),
  'one item more': ({ page }) => ({
    page: (request) => page({ ...request, limit: request.limit + 1 }),
  }),
  'a filter fewer': ({ filters }) => ({ filters: filters.slice(0, -1) }),
  'nothing omitted, or more': ({ omitted }) => ({ omitted: omitted.length > 0 ? [] : ['/name'] }),
  'smaller pages': ({ pageSizeMax }) => ({ pageSizeMax: pageSizeMax - 1 }),
  'refusals are empty pages': ({ page }) => ({
    page: (request) =>
      ended(page(request), (result) => (result.ok ? result : succeed({ items: [] }))),
  }),
};

const CREATE: Slips<CreateOperation> = {
  'sent twice': ({ send }) => ({
    *send(changes) {
      yield* send(changes);
      return yield* send(changes);
    },
  }),
  'first change left out': ({ send }) => ({ send: (changes) => send(changes.slice(1)) }),
  'last change left out': ({ send }) => ({ send: (changes) => send(changes.slice(0, -1)) }),
  'another id shown': ({ send }) => ({ send: (changes) => ended(send(changes), withOtherId) }),
  'content not shown': ({ send }) => ({ send: (changes) => ended(send(changes), withoutContent) }),
  'refusals are successes': ({ send }) => ({
    send: (changes) => ended(send(changes), (result) => (result.ok ? result : succeed(undefined))),
  }),
  'nothing checked': ({ check }) => (check === undefined ? undefined : { check: () => [] }),
  'no trace': () => ({ traceOf: () => undefined }),
  'one trace for all': () => ({ traceOf: () => ({ name: 'same' }) }),
  'nothing found': ({ find }) => ({
    find: (trace) => ended(find(trace), (result) => (result.ok ? succeed([]) : result)),
  }),
  'found by a part': ({ find }) => ({
    find: (trace) => find({ ...trace, name: (ownText(trace, 'name') ?? '').slice(0, -1) }),
  }),
  'absence turned': ({ absence }) => ({
    absence: absence === 'unknown' ? 'not_created' : 'unknown',
  }),
  'settled sooner': ({ settleMs }) => ({ settleMs: settleMs / 2 }),
  'repeat turned': ({ repeat }) => ({ repeat: repeat === 'twin' ? 'conflict' : 'twin' }),
};

const DELETE: Slips<RemoveOperation> = {
  'nothing sent': () => ({
    // biome-ignore lint/correctness/useYield: it sends nothing.
    *send() {
      return succeed(undefined);
    },
  }),
  'sent twice': ({ send }) => ({
    *send(id, before) {
      yield* send(id, before);
      return yield* send(id, before);
    },
  }),
  'refusals are successes': ({ send }) => ({
    send: (id, before) =>
      ended(send(id, before), (result) => (result.ok ? result : succeed(undefined))),
  }),
  'successes are refusals': ({ send }) => ({
    send: (id, before) => ended(send(id, before), (result) => (result.ok ? refused() : result)),
  }),
  'another id': ({ send }) => ({ send: (id, before) => send(neighborOf(id), before) }),
  'nothing looked at before': ({ preflight }) =>
    preflight === undefined ? undefined : { preflight: () => undefined },
  'absence turned': ({ absence }) => ({
    absence: absence === 'deleted' ? 'deleted_or_hidden' : 'deleted',
  }),
};

function pages(
  { page }: ListOperation,
  change: (page: ListPage) => ListPage,
): Partial<ListOperation> {
  return {
    page: (request) =>
      ended(page(request), (result) => (result.ok ? succeed(change(result.value)) : result)),
  };
}

/** Each profile with the id of the first. */
function withIdOf([first]: readonly StoredProfile[]) {
  return (item: StoredProfile): StoredProfile => ({
    ...item,
    upstreamId: first?.upstreamId ?? item.upstreamId,
  });
}

type Created = Result<StoredProfile | undefined>;

function withOtherId(result: Created): Created {
  return result.ok && result.value !== undefined
    ? succeed({ ...result.value, upstreamId: neighborOf(result.value.upstreamId) })
    : result;
}

function withoutContent(result: Created): Created {
  return result.ok && result.value !== undefined
    ? succeed({ ...result.value, content: {} })
    : result;
}

/** An id of the same form. */
function neighborOf(id: string): string {
  return id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
}

function refused(): Result<undefined> {
  return { ok: false, fault: ownFault('rejected_by_target', 'It was deleted all the same.') };
}
