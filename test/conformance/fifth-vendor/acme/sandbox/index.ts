import {
  JOURNAL_ENTRIES_MAX,
  type Sandbox,
  type SandboxChange,
  type SandboxOptions,
} from '../../../../../adapters/sandbox-kit/sandbox.ts';
import {
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  own,
  parseExact,
} from '../../../../../src/adapter-kit/index.ts';

export const SEEDED_ID = 'ABC-1234';
const KEY = 'sandbox-acme-key';

/** Numbers of the vendor's errors; the status is what they begin with. */
type Refusal = { readonly no: number; readonly text: string };

/** The rows, each changed whole, by its revision, and only while it is open. */
function createRows(now: () => number) {
  const rows = new Map<string, JsonObject>([[SEEDED_ID, seededRow()]]);
  const changes: SandboxChange[] = [];
  let count = 0;

  function commit(before: JsonObject, change: JsonObject, by: SandboxChange['by']): JsonObject {
    const id = String(before.key);
    const after = { ...before, ...change };
    rows.set(id, after);
    changes.push({ sequence: changes.length + 1, atMs: now(), id, by, before, after });
    if (changes.length > JOURNAL_ENTRIES_MAX) changes.shift();
    return after;
  }

  function putRow(row: JsonObject, given: Json | undefined): Response {
    const refusal = refusalOf(row, given, [...rows.values()]);
    if (refusal !== undefined || !isObject(given)) return refuse(refusal);
    const revision = Number(row.revision) + 1;
    const after = commit(row, { ...given, revision, changed_ms: now() }, 'request');
    return new Response(JSON.stringify(after));
  }

  function putState(row: JsonObject, given: Json | undefined): Response {
    const only = isObject(given) && Object.keys(given).length === 1;
    const state = only ? own(given, 'state') : undefined;
    if (state !== 10 && state !== 20 && state !== 90) return refuse({ no: 4000, text: 'state' });
    if (row.state === 90) return refuse({ no: 4230, text: 'the row is closed for good' });
    commit(row, { state, changed_ms: now() }, 'request');
    return new Response(null, { status: 204 });
  }

  function addRow(given: Json | undefined): Response {
    const refusal = newRefusalOf(given, [...rows.values()]);
    if (refusal !== undefined || !isObject(given)) return refuse(refusal);
    count += 1;
    const row = newRow(given, count, now());
    rows.set(String(row.key), row);
    return new Response(JSON.stringify(row), { status: 201 });
  }

  function removeRow(row: JsonObject): Response {
    if (row.state === 90) return refuse({ no: 4230, text: 'the row is closed for good' });
    rows.delete(String(row.key));
    return new Response(null, { status: 204 });
  }

  return { rows, changes, commit, putRow, putState, addRow, removeRow };
}

/** Acme Rows, as its vendor serves them. */
export function createSandbox({ basePath, now }: SandboxOptions): Sandbox {
  const { addRow, changes, commit, putRow, putState, removeRow, rows } = createRows(now);

  async function answerOf(request: Request): Promise<Response> {
    if (request.headers.get('authorization') !== `Bearer ${KEY}`) {
      return refuse({ no: 4010, text: 'who are you' });
    }
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === `${basePath}/v2/rows`) {
      if (request.method === 'GET') return Response.json(pageOf(searchParams, rows));
      if (request.method !== 'POST') return refuse({ no: 4050, text: 'GET or POST' });
      return addRow(parseExact(await request.text()));
    }
    const [, id = '', state] =
      /^\/v2\/rows\/([^/]+)(\/state)?$/.exec(pathname.slice(basePath.length)) ?? [];
    const row = rows.get(id);
    if (row === undefined) return refuse({ no: 4040, text: 'no such row' });
    if (request.method === 'GET') return new Response(JSON.stringify(row));
    if (request.method === 'DELETE' && state === undefined) return removeRow(row);
    if (request.method !== 'PUT') return refuse({ no: 4050, text: 'GET, PUT or DELETE' });
    const given = parseExact(await request.text());
    return state === undefined ? putRow(row, given) : putState(row, given);
  }

  return {
    fetch: answerOf,
    demo: {
      target: 'acme-demo',
      configuration: (origin) => ({ vendor: 'acme', baseUrl: origin + basePath, key: KEY }),
      id: SEEDED_ID,
      patch: { name: 'Second label' },
    },
    stored: (id) => rows.get(id),
    ids: () => [...rows.keys()],
    outsideRemove: (id) => rows.delete(id),
    outsideWrite: (id, change) => {
      commit(rows.get(id) ?? seededRow(), change, 'outside');
    },
    seed: (id, resource) => rows.set(id, { ...seededRow(), ...resource, key: id }),
    journal: () => changes,
  };
}

function newRow(given: JsonObject, count: number, nowMs: number): JsonObject {
  const key = `${String(own(given, 'series'))}-${String(count).padStart(4, '0')}`;
  const times = { created_ms: nowMs, changed_ms: nowMs };
  return { tags: {}, grade: null, state: 10, ...given, key, revision: 1, ...times };
}

/** Why a whole row is not taken. */
function refusalOf(
  row: JsonObject,
  given: Json | undefined,
  all: readonly JsonObject[],
): Refusal | undefined {
  if (!isObject(given)) return { no: 4000, text: 'no row' };
  const names = Object.keys(row).sort().join();
  if (Object.keys(given).sort().join() !== names) return { no: 4001, text: `a row has ${names}` };
  if (row.state !== 10) return { no: 4230, text: 'the row is locked' };
  if (own(given, 'revision') !== row.revision) return { no: 4090, text: 'the row has moved on' };
  const fixed = ['key', 'series', 'state', 'created_ms'];
  if (!fixed.every((name) => jsonEqual(own(given, name), row[name]))) {
    return { no: 4002, text: `fixed: ${fixed.join()}` };
  }
  const isTaken = all.some(({ key, label }) => key !== row.key && label === own(given, 'label'));
  return isTaken ? { no: 4091, text: 'the label is taken' } : undefined;
}

/** Why a new row is not created. */
function newRefusalOf(given: Json | undefined, all: readonly JsonObject[]): Refusal | undefined {
  if (!isObject(given)) return { no: 4000, text: 'no row' };
  const known = ['label', 'series', 'state', 'tags', 'grade'];
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) return { no: 4001, text: `a new row has no ${strange}` };
  const label = own(given, 'label');
  if (typeof label !== 'string' || label === '') return { no: 4003, text: 'label' };
  if (!['ABC', 'XYZ'].includes(String(own(given, 'series')))) return { no: 4004, text: 'series' };
  const isTaken = all.some((row) => row.label === label);
  return isTaken ? { no: 4091, text: 'the label is taken' } : undefined;
}

/** A page of rows without their tags; a label matches where it is a part, whatever the case. */
function pageOf(query: URLSearchParams, rows: ReadonlyMap<string, JsonObject>): JsonObject {
  const [after, label] = [query.get('after') ?? '', query.get('label')?.toLowerCase() ?? ''];
  const max = Math.min(Number(query.get('max')), PAGE_MAX);
  const found = [...rows]
    .filter(([key, row]) => key > after && String(row.label).toLowerCase().includes(label))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = found.slice(0, max).map(([, { tags: _, ...row }]) => row);
  return { rows: shown, more: found.length > max };
}

const PAGE_MAX = 50;

function refuse(fault: Refusal = { no: 4000, text: 'no row' }): Response {
  return Response.json({ fault }, { status: Math.floor(fault.no / 10) });
}

/** `ledger` and `weight` are declared by no field: only a row sent back whole keeps them. */
function seededRow(): JsonObject {
  const fields =
    '{"key":"ABC-1234","series":"ABC","label":"First label","state":10,' +
    '"tags":{"site":"north","desk":"4"},';
  const more = '"grade":3,"ledger":{"page":7},"weight":1.50,"revision":41,';
  const row = parseExact(`${fields}${more}"created_ms":1700000000000,"changed_ms":1700000500250}`);
  if (!isObject(row)) throw new Error('the seeded row is no object');
  return row;
}
