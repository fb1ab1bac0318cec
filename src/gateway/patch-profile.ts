import {
  type Change,
  type Fault,
  type FieldError,
  fail,
  type JsonObject,
  type Result,
  succeed,
} from '../contract/index.ts';
import type { Caller } from './callers.ts';
import type { Doubts } from './doubt.ts';
import { type Exchange, startExchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { FIELD_ERRORS_MAX, SUPPORTING_TARGETS_MAX } from './limits.ts';
import type { PatchEntry, ProfilePatch } from './patch-model.ts';
import { mayUse, refuseFields } from './permissions.ts';
import { dropped, isAtomic, type Loss, plan, type Refusal } from './plan.ts';
import type { Ports } from './ports.ts';
import type { Preferences } from './preferences.ts';
import { ownFault } from './problem.ts';
import { entityTag, namesTag, representation } from './representation.ts';
import { profileKey, type Resolved } from './resolve.ts';
import type { Target } from './target.ts';
import { lastWriteMs } from './target-limits.ts';
import { writeProfile } from './write.ts';
import type { Evidence, WriteEnd } from './write-end.ts';

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
      readonly profile: JsonObject;
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

/** Plans a patch and writes it under the lock of its profile. */
export async function patchProfile(
  gateway: Gateway,
  ports: Ports,
  doubts: Doubts,
  request: PatchRequest,
): Promise<PatchAnswer> {
  const planned = planFor(gateway, request);
  if (!planned.ok) return refused(planned.fault);
  const { changes, losses } = planned.value;
  const key = profileKey(request.resolved);
  const { target } = request.resolved;
  const waitMsMax = Math.max(0, lastWriteMs(target, ports, request.endMs) - ports.now());
  const answer = await ports.withLock(key, waitMsMax, () => {
    const leftMs = doubts.leftMs(key, ports.now());
    if (leftMs > 0) return Promise.resolve(refused(inDoubt(leftMs)));
    return request.resolved.target.activity.run(
      'writes',
      () => writeLocked(ports, doubts, request, changes, losses, key),
      (answer) =>
        answer.ok
          ? { ending: answer.write.outcome }
          : { ending: answer.end.outcome, code: answer.end.fault.code },
    );
  });
  return answer ?? refused(busy());
}

async function writeLocked(
  ports: Ports,
  doubts: Doubts,
  request: PatchRequest,
  changes: readonly Change[],
  losses: readonly Loss[],
  key: string,
): Promise<PatchAnswer> {
  const { id, ifMatch, preferences, resolved } = request;
  const { target, upstreamId } = resolved;
  const exchange = startExchange(target, ports, request.endMs);
  let currentTag: string | undefined;
  const end = await writeProfile(
    exchange,
    {
      id: upstreamId,
      changes,
      lenient: preferences.handling === 'lenient',
      ...(ifMatch === undefined
        ? {}
        : {
            precondition: async (current) => {
              const shown = representation(id, upstreamId, target, current);
              currentTag = await entityTag(shown, ports.digests);
              return namesTag(ifMatch, currentTag, false) ? undefined : preconditionFailed();
            },
          }),
    },
    { doubts, key },
  );
  if ('fault' in end) {
    const leftMs = end.outcome === 'unknown' ? doubts.leftMs(key, ports.now()) : 0;
    if (leftMs > 0) {
      const fault = { ...end.fault, retryAfterSeconds: Math.ceil(leftMs / 1000) };
      return { ok: false, exchange, end: { ...end, fault } };
    }
    return { ok: false, exchange, end, ...(currentTag === undefined ? {} : { etag: currentTag }) };
  }
  const profile = representation(id, upstreamId, target, end.profile);
  const etag = end.profile === undefined ? undefined : await entityTag(profile, ports.digests);
  const write: WriteReport = {
    outcome: end.outcome,
    target: target.name,
    losses: [...losses, ...dropped(end.refusals)],
    unconfirmed: end.unconfirmed,
    atomic: isAtomic(changes),
    serialized: ports.serialized,
    evidence: end.evidence,
    ...(ifMatch === undefined ? {} : { precondition: 'emulated' }),
  };
  return { ok: true, exchange, profile, etag, write };
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

function refused(fault: Fault): PatchAnswer {
  return { ok: false, end: { outcome: 'rejected', fault, applied: [], notApplied: [] } };
}

function inDoubt(leftMs: number): Fault {
  const detail = 'An earlier write got no answer and may still be applied; nothing was sent.';
  const retryAfterSeconds = Math.ceil(leftMs / 1000);
  return ownFault('profile_in_doubt', detail, { retryAfterSeconds });
}

function busy(): Fault {
  const detail = 'Too many writes wait for this profile; nothing was sent.';
  return ownFault('busy', detail, { retryAfterSeconds: 1 });
}

function preconditionFailed(): Fault {
  return ownFault('precondition_failed', 'The profile has changed since it was read.');
}
