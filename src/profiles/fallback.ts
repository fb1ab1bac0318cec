import type { Fault } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { Resolved } from '../routing/resolve.ts';
import type { InDoubtRegistry } from '../state/in-doubt.ts';
import { type Exchange, writeDeadlineAtMs } from '../upstream/exchange.ts';
import { modeOf, refuseByMode, type Target } from '../upstream/target.ts';
import { isTargetFault } from '../upstream/target-fault.ts';
import { type PatchAnswer, patchProfile } from './patch-profile.ts';
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
  const { resolved } = request;
  let served = { answer: await readProfile(ports, request), target: resolved.target };
  for (const target of fallbackTargets(resolved, 'read')) {
    const { answer } = served;
    if (answer.ok || !mayServeElsewhere(answer.fault) || ports.now() >= request.endMs) break;
    const next = await readProfile(ports, { ...request, resolved: { ...resolved, target } });
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
export async function patchWithFallback(
  gateway: { readonly targets: ReadonlyMap<string, Target> },
  ports: Ports,
  doubts: InDoubtRegistry,
  request: PatchRequest,
): Promise<ServedBy<PatchAnswer>> {
  const { resolved } = request;
  const first = await patchProfile(gateway, ports, doubts, request);
  let served = { answer: first, target: resolved.target };
  for (const target of fallbackTargets(resolved, 'write')) {
    const { answer } = served;
    if (!isUnsent(answer, served.target)) break;
    const elsewhere = { ...request, resolved: { ...resolved, target } };
    if (ports.now() >= writeDeadlineAtMs(target, ports, request.endMs)) break;
    if (!planFor(gateway, elsewhere).ok) continue;
    const next = await patchProfile(gateway, ports, doubts, elsewhere);
    keepSteps(answer.exchange, next.exchange);
    served = { answer: next, target };
  }
  return served;
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
