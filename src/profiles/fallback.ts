import type { Fault } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { Resolved } from '../routing/resolve.ts';
import { type Exchange, writeDeadlineAtMs } from '../upstream/exchange.ts';
import { modeOf, refuseByMode, type Target } from '../upstream/target.ts';
import { isTargetFault } from '../upstream/target-fault.ts';
import { type ExplainAnswer, type ExplainRequest, explainProfile } from './explain-patch.ts';
import type { PatchAnswer, Replay } from './patch-answer.ts';
import { patchProfile } from './patch-profile.ts';
import type { PatchRequest } from './patch-request.ts';
import { planFor } from './plan-patch.ts';
import { type ReadAnswer, type ReadRequest, readProfile } from './read-profile.ts';

/** An answer, and the target that gave it. */
export type ServedBy<T> = { readonly answer: T; readonly target: Target };

/** Reads at the target of the rule; where that cannot serve, at those the rule falls back to. */
export function readWithFallback(
  ports: Ports,
  request: ReadRequest,
): Promise<ServedBy<ReadAnswer>> {
  return serveInOrder(request.resolved, 'read', {
    serve: (resolved) => readProfile(ports, { ...request, resolved }),
    canServe: () => ports.monotonicMs() < request.endMs,
    mayGoOn: (answer) => !answer.ok && mayServeElsewhere(answer.fault),
  });
}

/**
 * Writes at the target of the rule. Where that cannot serve and no byte of a write was sent, writes
 * at those the rule falls back to, as far as they can take the patch. A target that is read-only
 * ends it: what its operator wants unwritten is not written by another way.
 */
export function patchWithFallback(
  gateway: { readonly targets: ReadonlyMap<string, Target> },
  ports: Ports,
  request: PatchRequest,
): Promise<ServedBy<PatchAnswer | Replay>> {
  return serveInOrder(request.resolved, 'write', {
    serve: (resolved) => patchProfile(gateway, ports, { ...request, resolved }),
    canServe: (resolved) => canWrite(gateway, ports, { ...request, resolved }),
    mayGoOn: isUnsent,
  });
}

/** Explains a patch at the target where `patchWithFallback` would end with it now. */
export function explainWithFallback(
  gateway: { readonly targets: ReadonlyMap<string, Target>; readonly version: string },
  ports: Ports,
  request: ExplainRequest,
): Promise<ServedBy<ExplainAnswer>> {
  return serveInOrder(request.resolved, 'write', {
    serve: (resolved) => explainProfile(gateway, ports, { ...request, resolved }),
    canServe: (resolved) => canWrite(gateway, ports, { ...request, resolved }),
    mayGoOn: ({ mayFallBack }) => mayFallBack,
  });
}

type InOrder<T> = {
  readonly serve: (resolved: Resolved) => Promise<T>;
  /** Reports whether a target that the rule falls back to is worth a try. */
  readonly canServe: (resolved: Resolved) => boolean;
  /** Reports whether another target may serve after this answer. */
  readonly mayGoOn: (answer: T, target: Target) => boolean;
};

/** Serves at the target of the rule, then at those that it falls back to, one after the other. */
async function serveInOrder<T extends { readonly exchange?: Exchange }>(
  resolved: Resolved,
  purpose: 'read' | 'write',
  { canServe, mayGoOn, serve }: InOrder<T>,
): Promise<ServedBy<T>> {
  let served = { answer: await serve(resolved), target: resolved.target };
  for (const target of fallbackTargets(resolved, purpose)) {
    if (!mayGoOn(served.answer, served.target)) break;
    const elsewhere = { ...resolved, target };
    if (!canServe(elsewhere)) continue;
    const answer = await serve(elsewhere);
    keepSteps(served.answer.exchange, answer.exchange);
    served = { answer, target };
  }
  return served;
}

/** Reports whether a target can take a patch, and whether there is time for it. */
function canWrite(
  gateway: { readonly targets: ReadonlyMap<string, Target> },
  ports: Ports,
  request: Pick<PatchRequest, 'caller' | 'endMs' | 'patch' | 'preferences' | 'resolved'>,
): boolean {
  const { target } = request.resolved;
  const isInTime = ports.monotonicMs() < writeDeadlineAtMs(target, ports, request.endMs);
  return isInTime && planFor(gateway, request).ok;
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
function isUnsent(answer: PatchAnswer | Replay, target: Target): boolean {
  if ('replay' in answer || answer.ok || answer.end.outcome !== 'rejected') return false;
  const { end, exchange } = answer;
  if (exchange === undefined) return modeOf(target) === 'drained';
  return !exchange.writeSent && mayServeElsewhere(end.fault);
}

/** Adds the steps at the targets before to those of the last exchange. */
function keepSteps(earlier: Exchange | undefined, later: Exchange | undefined): void {
  if (earlier === undefined || later === undefined) return;
  later.steps.unshift(...earlier.steps);
  if (earlier.sandbox) later.sandbox = true;
}
