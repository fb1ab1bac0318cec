import { type Change, type Fault, type FieldError, fail, type MaybePromise, type Result, succeed } from '../adapter-kit/index.ts';
import type { Caller } from '../auth/caller-registry.ts';
import type { Doubts } from '../state/in-doubt.ts';
import { type Exchange, startExchange } from '../upstream/exchange.ts';
import type { Gateway } from '../config/snapshot.ts';
import { FIELD_ERRORS_MAX, SUPPORTING_TARGETS_MAX } from '../limits.ts';
import type { PatchEntry, ProfilePatch } from '../writes/patch-schema.ts';
import { mayUse, refuseFields } from '../auth/permissions.ts';
import { dropped, isAtomic, type Loss, plan, type Refusal } from '../writes/plan.ts';
import type { Ports } from '../ports.ts';
import type { Preferences } from '../http/preferences.ts';
import { ownFault } from '../http/problem-details.ts';
import { entityTag, namesTag, representation } from './representation.ts';
import { profileKey, type Resolved } from '../routing/resolve.ts';
import type { Target } from '../upstream/target.ts';
import { lastWriteMs } from '../upstream/target-limits.ts';
import { type Doubt, type Precondition, writeProfile } from '../writes/write-profile.ts';
import type { Evidence, WriteEnd } from '../writes/outcome.ts';

export type PatchRequest = {
  /** As the caller wrote it. */
  readonly id: string;
  readonly resolved: Resolved;
  readonly patch: ProfilePatch;
  readonly preferences: Preferences;
  /** Undefined: everybody may call. */
  readonly caller: Caller | undefined;
  readonly ifMatch: string | undefined;
  /** Unix milliseconds at which the caller must have an answer. */
  readonly endMs: number;
};

/** What a caller is told about a write that did not fail. */
export type WriteReport = {
  readonly outcome: 'applied' | 'noop';
  readonly target: string;
  readonly losses: readonly Loss[];
  readonly unconfirmed: readonly string[];
  readonly atomic: boolean;
  readonly serialized: Ports['serialized'];
  readonly evidence: Evidence;
  readonly precondition?: 'emulated';
};

export type PatchAnswer =
  | {
      readonly ok: true;
      readonly exchange: Exchange;
      /** What `representation` gives, as JSON. */
      readonly profile: string;
      readonly etag: string | undefined;
      readonly write: WriteReport;
    }
  | {
      readonly ok: false;
      readonly exchange?: Exchange;
      readonly end: Extract<WriteEnd, { fault: Fault }>;
      /** The current tag, where `If-Match` was refused. */
      readonly etag?: string;
    };

/**
 * Plans a patch and writes it under the lock of its profile; undefined where too many writes wait
 * for that.
 */
export function patchProfile(
  gateway: Gateway,
  ports: Ports,
  doubts: Doubts,
  request: PatchRequest,
): MaybePromise<PatchAnswer | undefined> {
  const planned = planFor(gateway, request);
  if (!planned.ok) return refused(planned.fault);
  const { resolved } = request;
  const key = profileKey(resolved);
  const waitMsMax = lastWriteMs(resolved.target, ports, request.endMs) - ports.now();
  return ports.withLock(key, Math.max(0, waitMsMax), () =>
    writeLocked(ports, { doubts, key }, request, planned.value),
  );
}

/** Writes a profile whose lock is held, and counts the write. */
async function writeLocked(
  ports: Ports,
  doubt: Doubt,
  request: PatchRequest,
  planned: Planned,
): Promise<PatchAnswer> {
  const leftMs = doubt.doubts.leftMs(doubt.key, ports.now());
  if (leftMs > 0) return refused(inDoubt(leftMs));
  const { preferences, resolved } = request;
  const { activity } = resolved.target;
  activity.entered('writes');
  try {
    const exchange = startExchange(resolved.target, ports, request.endMs);
    const guard = createGuard(request, ports);
    const { changes } = planned;
    const { upstreamId: id } = resolved;
    const lenient = preferences.handling === 'lenient';
    const precondition = guard?.precondition;
    const write = { id, changes, lenient, precondition };
    const end = await writeProfile(exchange, write, doubt);
    if ('fault' in end) {
      activity.ended(end.outcome, end.fault.code);
      return failed(exchange, doubt, end, guard?.tag());
    }
    const shown = representation(request.id, id, resolved.target, end.profile);
    const profile = JSON.stringify(shown);
    const tag = end.profile === undefined ? undefined : entityTag(profile, ports.digests);
    const etag = tag instanceof Promise ? await tag : tag;
    activity.ended(end.outcome, undefined);
    return { ok: true, exchange, profile, etag, write: reportOf(exchange, request, planned, end) };
  } finally {
    activity.left('writes');
  }
}

type Guard = {
  readonly precondition: Precondition;
  /** Of the profile that the precondition was asked about last. */
  readonly tag: () => string | undefined;
};

/** What `If-Match` demands; undefined where the request has none. */
function createGuard(
  { id, ifMatch, resolved: { target, upstreamId } }: PatchRequest,
  { digests }: Ports,
): Guard | undefined {
  if (ifMatch === undefined) return undefined;
  let tag: string | undefined;
  return {
    precondition: async (current) => {
      const profile = representation(id, upstreamId, target, current);
      tag = await entityTag(JSON.stringify(profile), digests);
      return namesTag(ifMatch, tag, false) ? undefined : preconditionFailed();
    },
    tag: () => tag,
  };
}

function failed(
  exchange: Exchange,
  { doubts, key }: Doubt,
  end: Extract<WriteEnd, { fault: Fault }>,
  tag: string | undefined,
): PatchAnswer {
  const leftMs = end.outcome === 'unknown' ? doubts.leftMs(key, exchange.ports.now()) : 0;
  if (leftMs > 0) {
    const fault = { ...end.fault, retryAfterSeconds: Math.ceil(leftMs / 1000) };
    return { ok: false, exchange, end: { ...end, fault } };
  }
  return { ok: false, exchange, end, ...(tag === undefined ? {} : { etag: tag }) };
}

function reportOf(
  { ports, target }: Exchange,
  { ifMatch }: PatchRequest,
  { changes, losses }: Planned,
  { evidence, outcome, refusals, unconfirmed }: Exclude<WriteEnd, { fault: Fault }>,
): WriteReport {
  const report: WriteReport = {
    outcome,
    target: target.name,
    losses: refusals.length === 0 ? losses : [...losses, ...dropped(refusals)],
    unconfirmed,
    atomic: isAtomic(changes),
    serialized: ports.serialized,
    evidence,
  };
  return ifMatch === undefined ? report : { ...report, precondition: 'emulated' };
}

type Planned = { readonly changes: readonly Change[]; readonly losses: readonly Loss[] };

/** The plan for a request, or the refusal that its handling demands. */
export function planFor(
  gateway: Gateway,
  request: Pick<PatchRequest, 'caller' | 'patch' | 'preferences' | 'resolved'>,
): Result<Planned> {
  const { caller, patch, preferences, resolved } = request;
  const forbidden = refuseFields(caller, patch.entries, resolved.target.fields);
  if (forbidden !== undefined) return fail(forbidden);
  const { changes, losses, refusals } = plan(
    patch.entries,
    resolved.target.fields,
    preferences.handling,
  );
  if (refusals.length > 0 && (preferences.handling === 'strict' || changes.length === 0)) {
    const detail = 'The target cannot take every field of the patch; nothing was sent.';
    const errors = withSupport(refusals, patch.entries, gateway, caller);
    return fail(ownFault('unsupported_patch', detail, { errors }));
  }
  if (preferences.atomic && !isAtomic(changes)) {
    const detail = 'The patch takes more than one write at the target; nothing was sent.';
    return fail(ownFault('not_atomic', detail));
  }
  if (refusals.length === 0) return succeed({ changes, losses });
  return succeed({ changes, losses: [...losses, ...dropped(refusals)] });
}

/** Adds to each refusal the caller's targets that would take the member as it was given. */
function withSupport(
  refusals: readonly Refusal[],
  entries: readonly PatchEntry[],
  { targets }: Gateway,
  caller: Caller | undefined,
): FieldError[] {
  const takes = ({ fields, name }: Target, entry: PatchEntry): boolean =>
    mayUse(caller, name) &&
    refuseFields(caller, [entry], fields) === undefined &&
    plan([entry], fields, 'strict').refusals.length === 0;
  return refusals.slice(0, FIELD_ERRORS_MAX).map((refusal) => {
    const entry = entries.find(({ pointer }) => pointer === refusal.pointer);
    const supporting =
      entry === undefined ? [] : [...targets.values()].filter((t) => takes(t, entry));
    const names = supporting.slice(0, SUPPORTING_TARGETS_MAX).map((target) => target.name);
    return { ...refusal, supportedBy: names };
  });
}

/** The answer to a patch of which nothing was sent. */
export function refused(fault: Fault): PatchAnswer {
  return { ok: false, end: { outcome: 'rejected', fault, applied: [], notApplied: [] } };
}

function inDoubt(leftMs: number): Fault {
  const detail = 'An earlier write got no answer and may still be applied; nothing was sent.';
  const retryAfterSeconds = Math.ceil(leftMs / 1000);
  return ownFault('profile_in_doubt', detail, { retryAfterSeconds });
}

function preconditionFailed(): Fault {
  return ownFault('precondition_failed', 'The profile has changed since it was read.');
}
