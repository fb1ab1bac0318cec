import { type Fault, type MaybePromise, ownFault } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { Resolved } from '../routing/resolve.ts';
import type { InDoubtRegistry } from '../state/in-doubt.ts';
import { writeDeadlineAtMs } from '../upstream/deadlines.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { modeOf, refuseByMode, type Target } from '../upstream/target.ts';
import { isTargetFault } from '../upstream/target-fault.ts';
import { type PatchAnswer, patchProfile, refused } from './patch-profile.ts';
import type { PatchRequest } from './patch-request.ts';
import { planFor } from './plan-patch.ts';
import { type ReadAnswer, type ReadRequest, readProfile } from './read-profile.ts';

/** An answer, and the target that gave it. */
export type ServedBy<T> = { readonly answer: T; readonly target: Target };

/** Reads at the target of the rule; where that cannot serve, at those the rule falls back to. */
export async function readWithFallback(
  ports: Ports,
  request: ReadRequest,
): Promise<ServedBy<ReadAnswer>> {
  const read = (at: ReadRequest): MaybePromise<ReadAnswer> => {
    const fault = refuseByMode(at.resolved.target, 'read');
    return fault === undefined ? readProfile(ports, at) : { ok: false, fault };
  };
  const { resolved } = request;
  let served = { answer: await read(request), target: resolved.target };
  for (const target of fallbackTargets(resolved, 'read')) {
    const { answer } = served;
    if (answer.ok || !mayServeElsewhere(answer.fault) || ports.now() >= request.endMs) break;
    const next = await read({ ...request, resolved: { ...resolved, target } });
    keepSteps(answer.exchange, next.exchange);
    served = { answer: next, target };
  }
  return served;
}

/**
 * Writes at the target of the rule. Where that cannot serve and no byte of a write was sent, writes
 * at those the rule falls back to, as far as they can take the patch. A target that is read-only
 * ends it: what its operator wants unwritten is not written by another way.
 */
export function patchWithFallback(
  gateway: { readonly targets: ReadonlyMap<string, Target> },
  ports: Ports,
  doubts: InDoubtRegistry,
  request: PatchRequest,
): MaybePromise<ServedBy<PatchAnswer>> {
  const { fallback, target } = request.resolved;
  const write = (at: PatchRequest): MaybePromise<PatchAnswer | undefined> => {
    const fault = refuseByMode(at.resolved.target, 'write');
    return fault === undefined ? patchProfile(gateway, ports, doubts, at) : refused(at, fault);
  };
  const first = write(request);
  const serve = (answer = refused(request, overloaded())): MaybePromise<ServedBy<PatchAnswer>> => {
    const served = { answer, target };
    return fallback.length === 0 ? served : writeElsewhere(gateway, ports, request, served, write);
  };
  return first instanceof Promise ? first.then(serve) : serve(first);
}

/** Goes on from the target of the rule, which came first, to those that the rule falls back to. */
async function writeElsewhere(
  gateway: { readonly targets: ReadonlyMap<string, Target> },
  ports: Ports,
  request: PatchRequest,
  first: ServedBy<PatchAnswer>,
  write: (at: PatchRequest) => MaybePromise<PatchAnswer | undefined>,
): Promise<ServedBy<PatchAnswer>> {
  const { resolved } = request;
  let served = first;
  for (const target of fallbackTargets(resolved, 'write')) {
    const { answer } = served;
    if (!isUnsent(answer, served.target)) break;
    if (ports.now() >= writeDeadlineAtMs(target, ports, request.endMs)) break;
    const elsewhere = { ...request, resolved: { ...resolved, target } };
    if (!planFor(gateway, elsewhere).ok) continue;
    const next = (await write(elsewhere)) ?? refused(request, overloaded());
    keepSteps(answer.exchange, next.exchange);
    served = { answer: next, target };
  }
  return served;
}

function overloaded(): Fault {
  const detail = 'Too many writes are queued for this profile; nothing was sent.';
  return ownFault('overloaded', detail, { retryAfterSeconds: 1 });
}

/** The other targets of a rule that may be used. */
function fallbackTargets(
  { fallback, target }: Resolved,
  purpose: 'read' | 'write',
): readonly Target[] {
  if (fallback.length === 0) return fallback;
  return fallback.filter((spare) => spare !== target && refuseByMode(spare, purpose) === undefined);
}

/** Not the profile or the request is at fault; `overloaded` is the queue of one target. */
function mayServeElsewhere({ code }: Fault): boolean {
  return code === 'overloaded' || isTargetFault(code);
}

/** Reports whether a write surely did not leave, for a reason that another target may not have. */
function isUnsent(answer: PatchAnswer, target: Target): boolean {
  if (answer.ok || answer.end.outcome !== 'rejected') return false;
  const { end, exchange } = answer;
  if (exchange === undefined) return modeOf(target) === 'drained';
  return !exchange.writeSent && mayServeElsewhere(end.fault);
}

/** One exchange tells all steps, those at the targets before it too. */
function keepSteps(earlier: Exchange | undefined, later: Exchange | undefined): void {
  if (earlier === undefined || later === undefined) return;
  later.steps.unshift(...earlier.steps);
  if (earlier.sandbox) later.sandbox = true;
}
