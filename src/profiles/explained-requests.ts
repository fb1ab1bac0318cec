import {
  type Change,
  type Connection,
  type HttpRequest,
  isObject,
  type Json,
  type JsonDraft,
  type JsonObject,
  mergePatch,
  pointerTokens,
  type StoredProfile,
  setOwn,
} from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../upstream/target.ts';
import { isAlreadyApplied } from '../writes/compare.ts';
import { type PlannedWrite, plannedWrites } from '../writes/write-plan.ts';
import { provenance } from './provenance.ts';

/** One upstream request as it would be sent, secrets and what differs each time left out. */
export type ExplainedRequest = {
  readonly step: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where there is none, and where it depends on a read that was not made. */
  readonly body?: string;
  readonly dependsOnRead: boolean;
  /** Members of the patch that it carries. */
  readonly pointers: readonly string[];
  /** For each member of the body: the canonical pointer it came from, or what else made it. */
  readonly provenance: Readonly<Record<string, string>>;
  readonly curl: string;
};

/** Stands in for what is made anew for each send. */
const VOLATILE = '«volatile»';
const TOKEN = '«token»';

/** The read ahead of a write: whether there is one, and the profile where it was made. */
export type ReadAhead = { readonly readsAhead: boolean; readonly basis: StoredProfile | undefined };

/** Returns the requests by which `changes` would be written when each one succeeds. */
export async function explainRequests(
  target: Target,
  ports: Ports,
  id: string,
  changes: readonly Change[],
  { basis: before, readsAhead }: ReadAhead,
): Promise<ExplainedRequest[]> {
  const { connection } = target;
  const explain = (request: HttpRequest, step: string, carried: readonly Change[]) =>
    explainRequest(target, ports, request, step, carried, before);
  const explainUnread = async ({
    carried,
    name,
    request,
  }: PlannedWrite): Promise<ExplainedRequest> => {
    const { body: _, ...rest } = await explain(request, name, carried);
    return { ...rest, dependsOnRead: true, provenance: {}, curl: '' };
  };
  const requests: ExplainedRequest[] = [];
  if (connection.authorization.kind === 'token') {
    const first = connection.authorization.acquire().next();
    if (first.done !== true) requests.push(await explain(first.value, 'token', []));
  }
  const explainRead = async (): Promise<void> => {
    const first = connection.read(id).next();
    if (first.done !== true) requests.push(await explain(first.value, 'read', []));
  };
  if (readsAhead) await explainRead();
  if (isNoop(changes, before)) return requests;
  const isUnread = readsAhead && before === undefined;
  const writes = isUnread
    ? unreadSteps(connection, id, changes)
    : writesOf(connection, id, changes, before);
  for (const write of writes) {
    const { carried, name, request } = write;
    requests.push(await (isUnread ? explainUnread(write) : explain(request, name, carried)));
  }
  if (writes.at(-1)?.isReadAfter === true) await explainRead();
  return requests;
}

/**
 * Reports whether nothing would be written: an empty patch is a read and no more, whatever it
 * shows.
 */
export function isNoop(changes: readonly Change[], before: StoredProfile | undefined): boolean {
  return before === undefined ? changes.length === 0 : isAlreadyApplied(changes, before.content);
}

/** The writes as they follow each other when each one succeeds. */
function writesOf(
  connection: Connection,
  id: string,
  changes: readonly Change[],
  before: StoredProfile | undefined,
): PlannedWrite[] {
  const writes: PlannedWrite[] = [];
  const planned = plannedWrites(connection, id, changes, before);
  let step = planned.next();
  while (step.done !== true) {
    writes.push(step.value);
    step = planned.next({ status: 200, headers: {}, body: '' });
  }
  return writes;
}

/** The writes of a profile nobody has read: their bodies are not what would be sent. */
function unreadSteps(
  connection: Connection,
  id: string,
  changes: readonly Change[],
): PlannedWrite[] {
  return writesOf(connection, id, changes, { upstreamId: id, content: anyContent(connection) });
}

/** Some value where a write may ask for the current one: it goes into bodies that are not shown. */
function anyContent({ fields }: Connection): JsonObject {
  return nested(
    fields.flatMap(({ codec, map, pointer }) => {
      const value = map !== undefined ? {} : codec.type === 'integer' ? 0 : undefined;
      return value === undefined ? [] : [{ pointer, value }];
    }),
  );
}

/** Explains one request of `step`, which carries these members. */
export async function explainRequest(
  target: Target,
  ports: Ports,
  request: HttpRequest,
  step: string,
  carried: readonly Change[],
  before: StoredProfile | undefined,
): Promise<ExplainedRequest> {
  const { redactor } = target;
  const isToken = step === 'token';
  const added = isToken ? {} : await shownAuthorization(target, ports, request);
  const traced = ports.tracer === undefined ? {} : { traceparent: VOLATILE };
  // Secrets are hidden by their places: searched for in a caller's values, they could be guessed.
  const headers = Object.fromEntries(
    Object.entries({ ...request.headers, ...added, ...traced }).map(([k, v]) => [
      k,
      redactor.text(v),
    ]),
  );
  const url = request.origin + request.path;
  const { body: written } = request;
  const body = isToken && written !== undefined ? redactor.text(written) : written;
  return {
    step,
    method: request.method,
    url,
    headers,
    ...(body === undefined ? {} : { body }),
    dependsOnRead: false,
    pointers: carried.map((change) => change.pointer),
    provenance: isToken ? {} : provenance(request.body, carried, before),
    curl: curl(request.method, url, headers, body),
  };
}

/** The headers that prove the sender, without what they prove it by. */
async function shownAuthorization(
  { connection: { authorization } }: Target,
  ports: Ports,
  request: HttpRequest,
): Promise<Readonly<Record<string, string>>> {
  if (authorization.kind === 'headers') return authorization.headers;
  if (authorization.kind === 'token') return { [authorization.header]: TOKEN };
  const signed = await authorization.sign(request, {
    nowMs: ports.now(),
    digests: ports.digests,
  });
  const volatileNames = authorization.volatileHeaders;
  return Object.fromEntries(
    Object.entries(signed).map(([k, v]) => [k, volatileNames.includes(k) ? VOLATILE : v]),
  );
}

/** The content as a read would show it after `changes`. */
export function contentAfter(content: JsonObject, changes: readonly Change[]): JsonObject {
  const visible = changes.filter(({ field }) => field.access !== 'write_only');
  const after = mergePatch(content, nested(visible));
  return isObject(after) ? after : content;
}

/** The object that has each value at its pointer; merged at once, since each merge copies all. */
function nested(placed: readonly Pick<Change, 'pointer' | 'value'>[]): JsonObject {
  const root: JsonDraft = {};
  const drafts = new Map([['', root]]);
  const place = (pointer: string, value: Json): void => {
    const end = pointer.lastIndexOf('/');
    const [name = ''] = pointerTokens(pointer.slice(end));
    setOwn(draftAt(pointer.slice(0, end)), name, value);
  };
  const draftAt = (pointer: string): JsonDraft => {
    const known = drafts.get(pointer);
    if (known !== undefined) return known;
    const draft: JsonDraft = {};
    drafts.set(pointer, draft);
    place(pointer, draft);
    return draft;
  };
  for (const { pointer, value } of placed) place(pointer, value);
  return root;
}

function curl(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const data = body === undefined ? [] : [`--data-raw ${quote(body)}`];
  return ['curl', '-X', method, quote(url), ...lines, ...data].join(' ');
}
