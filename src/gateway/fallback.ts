import type { Fault } from '../contract/index.ts';
import type { Doubts } from './doubt.ts';
import type { Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { type PatchAnswer, type PatchRequest, patchProfile, planFor } from './patch-profile.ts';
import type { Ports } from './ports.ts';
import { ownFault } from './problem.ts';
import { type ReadAnswer, type ReadRequest, readProfile } from './read-profile.ts';
import type { Resolved } from './resolve.ts';
import { stateOf, type Target } from './target.ts';
import { isTargetFault } from './target-fault.ts';
import { lastWriteMs } from './target-limits.ts';

/** An answer, and the target that gave it. */
export type Served<T> = { readonly answer: T; readonly target: Target };

/** What an operator lets happen at a target; a fault where it is not `purpose`. */
export function refuseByState(target: Target, purpose: 'read' | 'write'): Fault | undefined {
  const state = stateOf(target);
  if (state === 'drained') {
    const detail = `The target ${target.name} is drained by its operator.`;
    return ownFault('target_unavailable', detail);
  }
  if (state === 'open' || purpose === 'read') return undefined;
  return ownFault('target_read_only', `The target ${target.name} takes reads only for now.`);
}

/** Reads at the target of the rule; where that cannot serve, at those the rule falls back to. */
export async function readSomewhere(
  ports: Ports,
  request: ReadRequest,
): Promise<Served<ReadAnswer>> {
  const read = async (resolved: Resolved): Promise<ReadAnswer> => {
    const fault = refuseByState(resolved.target, 'read');
    return fault === undefined
      ? await readProfile(ports, { ...request, resolved })
      : { ok: false, fault };
  };
  const { resolved } = request;
  let served = { answer: await read(resolved), target: resolved.target };
  for (const target of spares(resolved, 'read')) {
    const { answer } = served;
    if (answer.ok || !mayServeElsewhere(answer.fault) || ports.now() >= request.endMs) break;
    const next = await read({ ...resolved, target });
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
export async function writeSomewhere(
  gateway: Gateway,
  ports: Ports,
  doubts: Doubts,
  request: PatchRequest,
): Promise<Served<PatchAnswer>> {
  const { resolved } = request;
  const write = async (target: Target): Promise<PatchAnswer> => {
    const fault = refuseByState(target, 'write');
    if (fault !== undefined) return refusedByState(fault);
    return patchProfile(gateway, ports, doubts, { ...request, resolved: { ...resolved, target } });
  };
  let served = { answer: await write(resolved.target), target: resolved.target };
  for (const target of spares(resolved, 'write')) {
    const { answer } = served;
    if (!isUnsent(answer, served.target)) break;
    if (ports.now() >= lastWriteMs(target, ports, request.endMs)) break;
    if (!planFor(gateway, { ...request, resolved: { ...resolved, target } }).ok) continue;
    const next = await write(target);
    keepSteps(answer.exchange, next.exchange);
    served = { answer: next, target };
  }
  return served;
}

function refusedByState(fault: Fault): PatchAnswer {
  return { ok: false, end: { outcome: 'rejected', fault, applied: [], notApplied: [] } };
}

/** The other targets of a rule that may be used. */
function spares({ fallback, target }: Resolved, purpose: 'read' | 'write'): Target[] {
  return fallback.filter(
    (spare) => spare !== target && refuseByState(spare, purpose) === undefined,
  );
}

/** Not the profile or the request is at fault; `busy` is the queue of one target. */
function mayServeElsewhere({ code }: Fault): boolean {
  return code === 'busy' || isTargetFault(code);
}

/** Whether a write surely did not leave, for a reason that another target may not have. */
function isUnsent(answer: PatchAnswer, target: Target): boolean {
  if (answer.ok || answer.end.outcome !== 'rejected') return false;
  const { end, exchange } = answer;
  if (exchange === undefined) return stateOf(target) === 'drained';
  return !exchange.writeSent && mayServeElsewhere(end.fault);
}

/** One exchange tells all steps, those at the targets before it too. */
function keepSteps(earlier: Exchange | undefined, later: Exchange | undefined): void {
  if (earlier === undefined || later === undefined) return;
  later.steps.unshift(...earlier.steps);
  if (earlier.sandbox) later.sandbox = true;
}
