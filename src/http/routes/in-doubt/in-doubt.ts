import type { Context } from 'hono';
import { optional, ownFault } from '../../../adapter-kit/index.ts';
import { PAGE_ROWS, PAGE_ROWS_PER_READ } from '../../../limits.ts';
import type { Ports } from '../../../ports.ts';
import { profileKeys } from '../../../profiles/begin-write.ts';
import { isCreateKey, profileKey, type Resolved, resolve } from '../../../routing/resolve.ts';
import { type InDoubtRow, StateUnavailable } from '../../../state/state-database.ts';
import type { Target } from '../../../upstream/target.ts';
import { readIntent } from '../../../writes/write-intent.ts';
import type { Handler } from '../../pipeline.ts';
import { routeRequest } from '../../request-state.ts';
import { addLogFields, noteRoute } from '../../request-telemetry.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { inDoubtQuerySchema, readQuery, wrongCursor } from '../admin-query.ts';
import {
  createIdOf,
  createIn,
  endOpenCreate,
  findOpenCreate,
  type OpenCreateName,
  type OpenCreateView,
  openCreateView,
  readCreateId,
} from '../create/open-creates.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { type OperatorChange, storeChange } from '../operator-change.ts';
import { keyOfProfile } from '../profile-filter.ts';
import { readReason } from '../reason.ts';
import { type StatePart, type WriteRecords, withRecords } from '../state-operations.ts';
import { findInDoubt } from './find-in-doubt.ts';

/**
 * A profile that an earlier write may still change, or a create whose profile may still appear.
 * Times are RFC 3339, in UTC.
 */
export type InDoubtView = Partial<OpenCreateView> & {
  /** `target:upstreamId`; absent for a create, and where no target has the profile. */
  readonly profile?: string;
  /** As the caller of the write wrote it. */
  readonly id?: string;
  /** Begin of the write; absent where the write is not known. */
  readonly since?: string;
  readonly until: string;
  readonly caller?: string;
  readonly requestId?: string;
  readonly writeId?: string;
};

/** `GET /admin/in-doubt`. */
export function listInDoubt(part: StatePart, ports: Ports): Handler {
  return withRecords(part, async (c, state) => {
    const asked = readQuery(inDoubtQuerySchema(), c.req.queries());
    if (!asked.ok) return respondProblem(c, asked.fault);
    const { after, limit = PAGE_ROWS } = asked.value;
    const start = after === undefined ? '' : decodeCursor('in_doubt', after);
    if (start === undefined) return respondProblem(c, wrongCursor());
    const { targets } = c.get('gateway');
    const hashKey = ports.state.hashKey;
    const viewing = { targets, nowMs: ports.now(), hashKey };
    const { profile } = asked.value;
    if (profile !== undefined) {
      const key = keyOfProfile(profile, targets);
      if (!key.ok) return respondProblem(c, key.fault);
      const row = await findInDoubt(state, key.value);
      return jsonText(c, { inDoubt: row === undefined ? [] : [await inDoubtView(row, viewing)] });
    }
    const views: InDoubtView[] = [];
    let place = start;
    let hasMore = true;
    while (hasMore && views.length < limit) {
      const wanted = Math.min(limit - views.length, PAGE_ROWS_PER_READ);
      const rows = await state.listInDoubt(wanted + 1, place);
      const shown = rows.slice(0, wanted);
      views.push(...(await Promise.all(shown.map((row) => inDoubtView(row, viewing)))));
      place = shown.at(-1)?.key ?? place;
      hasMore = rows.length > wanted;
    }
    return jsonText(c, {
      inDoubt: views,
      ...(hasMore ? { next: encodeCursor('in_doubt', place) } : {}),
    });
  });
}

type Viewing = {
  readonly targets: ReadonlyMap<string, Target>;
  readonly nowMs: number;
  readonly hashKey: string | undefined;
};

async function inDoubtView(
  row: InDoubtRow,
  { hashKey, nowMs, targets }: Viewing,
): Promise<InDoubtView> {
  const { ageMs, intent: text, key, leftMs, writeId } = row;
  const create = createIn(row);
  const intent = text === undefined ? undefined : readIntent(text);
  const profile =
    intent === undefined ? profileAt(key, targets) : `${intent.target}:${intent.upstreamId}`;
  const named =
    create === undefined
      ? { ...optional('profile', profile), ...optional('id', intent?.id) }
      : await openCreateView(create, writeId ?? '', hashKey);
  const { caller, requestId } = create ?? intent ?? {};
  return {
    ...named,
    ...(ageMs === undefined ? {} : { since: new Date(nowMs - ageMs).toISOString() }),
    until: new Date(nowMs + leftMs).toISOString(),
    ...optional('caller', caller),
    ...optional('requestId', requestId),
    ...optional('writeId', writeId),
  };
}

/** Returns `target:upstreamId` of a key, by the first target that has the profile. */
function profileAt(key: string, targets: ReadonlyMap<string, Target>): string | undefined {
  if (isCreateKey(key)) return undefined;
  const upstreamId = key.slice(key.indexOf('\n') + 1);
  const target = [...targets.values()].find(
    (one) => profileKey({ target: one, upstreamId }) === key,
  );
  return target && `${target.name}:${upstreamId}`;
}

/**
 * `DELETE /admin/in-doubt/{id}`: lets a profile be written that an earlier write may change, or
 * ends an open create.
 */
export function liftInDoubt(part: StatePart, ports: Ports): Handler {
  return withRecords(part, async (c, state) => {
    const id = c.req.param('id') ?? '';
    addLogFields(c, { id });
    const reason = await readReason(c, ports.readChunks);
    if (!reason.ok) return respondProblem(c, reason.fault);
    const create = readCreateId(id);
    if (create !== undefined) return liftCreate(c, state, create, reason.value);
    // An operator lifts marks at every target, as it drains every one.
    const request = { ...routeRequest(c, id), mayUse: () => true };
    const resolved = await resolve(request, c.get('gateway'));
    if (!resolved.ok) return respondProblem(c, resolved.fault);
    noteRoute(c, resolved.value);
    return lift(c, state, id, resolved.value, reason.value);
  });
}

async function lift(
  c: Context,
  state: WriteRecords,
  id: string,
  resolved: Resolved,
  reason: string,
): Promise<Response> {
  const { target, upstreamId } = resolved;
  const { formerKey, key } = profileKeys(resolved);
  const keys = formerKey === undefined ? [key] : [key, formerKey];
  const lifted: boolean[] = [];
  for (const one of keys) lifted.push(await state.liftDoubt(one));
  if (!lifted.includes(true)) {
    const isHeld = (await state.inDoubtMs(keys)).some((leftMs) => leftMs > 0);
    return respondProblem(c, isHeld ? beingClosed() : notInDoubt(), { target: target.name });
  }
  const shown = { profile: `${target.name}:${upstreamId}` };
  return respondLifted(c, state, target, { key, id, upstreamId, reason }, shown);
}

/** Ends an open create as unknown: its name and its key are free then. */
async function liftCreate(
  c: Context,
  state: WriteRecords,
  named: OpenCreateName,
  reason: string,
): Promise<Response> {
  const target = c.get('gateway').targets.get(named.target);
  const found = target && (await findOpenCreate(state, target, named.writeId));
  const hasEnded = found && state.end && (await endOpenCreate(state.end, found));
  if (target === undefined || hasEnded !== true) {
    return respondProblem(c, notOpen(), { target: named.target });
  }
  const create = createIdOf(named);
  return respondLifted(c, state, target, { id: create, reason }, { create });
}

/** Stores the receipt of a mark that was lifted, and responds. */
async function respondLifted(
  c: Context,
  state: WriteRecords,
  { name, redactor }: Target,
  { reason, ...what }: Pick<OperatorChange, 'key' | 'id' | 'upstreamId'> & { reason: string },
  shown: { readonly profile: string } | { readonly create: string },
): Promise<Response> {
  const why = redactor.text(reason);
  addLogFields(c, { message: 'lifted', reason: why });
  const change = { kind: 'lift', outcome: 'applied', target: name, reason: why } as const;
  try {
    const writeId = await storeChange(c, state, { ...change, ...what });
    return jsonText(c, { ...shown, writeId });
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    return respondProblem(c, liftedOnly(), { target: name });
  }
}

/** The log line of the request has the reason then. */
function liftedOnly() {
  const detail = 'The profile is no longer in doubt, but the receipt could not be stored.';
  return ownFault('state_unavailable', detail);
}

function notOpen() {
  return ownFault('not_found', 'The create is not open.');
}

function notInDoubt() {
  return ownFault('not_found', 'The profile is not in doubt.');
}

/** Once that replica has stored how the write ended, the mark is gone or can be lifted. */
function beingClosed() {
  const detail = 'A replica is still closing the last write of the profile: try again.';
  return ownFault('profile_in_doubt', detail, { retryAfterSeconds: 1 });
}
