import { type Fault, type JsonObject, optional, type StoredProfile } from '../adapter-kit/index.ts';
import { RETRY_WAIT_MS, SEND_ATTEMPTS_MAX } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { RouteStep } from '../routing/route-trace.ts';
import type { BreakerState } from '../telemetry/metrics.ts';
import { cleanFault, type TextRedactor } from '../telemetry/redactor.ts';
import { type Exchange, readBackReserveMs, startExchange } from '../upstream/exchange.ts';
import { RETRY_SHARE } from '../upstream/retry-budget.ts';
import { refuseNow } from '../upstream/send-once.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import { modeOf, refuseByMode, type Target } from '../upstream/target.ts';
import { isTargetFault } from '../upstream/target-fault.ts';
import { dropped, isAtomic, type Loss } from '../writes/plan.ts';
import { fitTo, readsFirst } from '../writes/write-plan.ts';
import { inDoubt, profileKeys } from './begin-write.ts';
import { isConditional } from './conditions.ts';
import {
  contentAfter,
  type ExplainedRequest,
  explainRequests,
  isNoop,
} from './explained-requests.ts';
import { createGuard } from './patch-profile.ts';
import type { PatchRequest } from './patch-request.ts';
import { planFor } from './plan-patch.ts';
import { representation, tagged } from './representation.ts';

/** Effect that a patch would have, found without sending it (a dry run). */
export type Explanation = {
  readonly id: string;
  readonly target: string;
  readonly upstreamId: string;
  /** Version of the configuration. */
  readonly version: string;
  /** Rules that were evaluated; for the scope `admin` only. */
  readonly route?: readonly RouteStep[];
  /** `noop`: the patch would read the profile and find nothing to write. */
  readonly prediction: 'write' | 'noop' | 'rejected';
  /** Problem that the patch would be rejected with. */
  readonly problem?: Pick<Fault, 'code' | 'detail' | 'errors' | 'retryAfterSeconds'>;
  /** State of the conditions, where there are any: met by the profile, or not checked. */
  readonly precondition?: 'met' | 'unchecked';
  readonly atomic: boolean;
  readonly losses: readonly Loss[];
  readonly requests: readonly ExplainedRequest[];
  /** The profile as it is and as it would be, where it was read. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
  /** Entity tag of `before`: with it as `If-Match` a patch writes only what was explained. */
  readonly etag?: string;
  readonly policy: {
    readonly deadlineMs: number;
    readonly connectTimeoutMs: number;
    readonly timeoutMs: number;
    readonly readBackReserveMs: number;
    readonly maxConcurrentRequests: number;
    readonly maxQueuedRequests: number;
    /** Current state: an open breaker would reject the patch. */
    readonly circuitBreaker: BreakerState;
    readonly maxSendAttempts: number;
    readonly retryWaitMs: number;
    readonly retryBudgetRatio: number;
  };
};

export type ExplainRequest = Omit<PatchRequest, 'requestId' | 'version'> & {
  /** True if the profile may be read for it. */
  readonly reads: boolean;
  /** Trace of the route to the target, for callers who may see it. */
  readonly route?: readonly RouteStep[];
};

export type ExplainAnswer = {
  readonly exchange?: Exchange;
  /** True where a patch goes on to the next target that its rule falls back to. */
  readonly mayFallBack: boolean;
} & (
  | { readonly ok: true; readonly explanation: Explanation }
  | { readonly ok: false; readonly fault: Fault }
);

/**
 * Explains a patch at one target as `patchProfile` would serve it now; sends nothing, but for reads
 * where `request.reads` allows them.
 */
export async function explainProfile(
  gateway: { readonly targets: ReadonlyMap<string, Target>; readonly version: string },
  ports: Ports,
  request: ExplainRequest,
): Promise<ExplainAnswer> {
  const { conditions, preferences, reads, resolved } = request;
  const { target, upstreamId } = resolved;
  const common = commonOf(gateway.version, ports, request);
  const refused = (fault: Fault, mayFallBack: boolean, exchange?: Exchange): ExplainAnswer => {
    const explanation = { ...common, ...refusal(fault, exchange ?? target) };
    return { ok: true, mayFallBack, explanation, ...optional('exchange', exchange) };
  };
  const closed = refuseByMode(target, 'write');
  if (closed !== undefined) return refused(closed, modeOf(target) === 'drained');
  const planned = planFor(gateway, request);
  if (!planned.ok) return refused(planned.fault, false);
  const inDoubtMs = await ports.state.inDoubtMs(profileKeys(resolved));
  if (inDoubtMs > 0) return refused(inDoubt(inDoubtMs), false);
  const unsendable = refuseNow(target);
  if (unsendable !== undefined) return refused(unsendable, true);

  let { changes, losses } = planned.value;
  const exchange = startExchange(target, ports, request.endMs);
  const { connection } = target;
  // Where the patch itself would not read, it knows no more than the caller does.
  const readsAhead = isConditional(conditions) || readsFirst(connection, changes);
  let before: StoredProfile | undefined;
  if (reads) {
    const read = await readWithRetry(exchange, connection.read(upstreamId));
    if (!read.ok) {
      const mayFallBack = readsAhead && isTargetFault(read.fault.code);
      return { ok: false, mayFallBack, exchange, fault: read.fault };
    }
    before = read.value;
  }
  if (before !== undefined && readsAhead) {
    const unmet = await createGuard(request, ports)?.precondition(before);
    if (unmet !== undefined) return refused(unmet, false, exchange);
    const fit = fitTo(connection, changes, before, preferences.handling === 'lenient');
    if (!fit.ok) return refused(fit.fault, false, exchange);
    changes = fit.value.changes;
    losses = [...losses, ...dropped(fit.value.refusals)];
  }
  const basis = readsAhead ? before : undefined;
  const requests = await explainRequests(target, ports, upstreamId, changes, { readsAhead, basis });
  // Other requests get their turn between the parts of a large explanation.
  await ports.sleep(0);
  const shown = before === undefined ? {} : await views(request, ports, before, changes);
  await ports.sleep(0);
  const explanation: Explanation = {
    ...common,
    prediction: isNoop(changes, basis) ? 'noop' : 'write',
    atomic: isAtomic(changes),
    losses,
    requests,
    ...(isConditional(conditions)
      ? { precondition: before === undefined ? 'unchecked' : 'met' }
      : {}),
    ...shown,
  };
  return { ok: true, mayFallBack: false, exchange, explanation };
}

/** Members that every explanation has. */
function commonOf(version: string, ports: Ports, { id, resolved, route }: ExplainRequest) {
  const { target, upstreamId } = resolved;
  return {
    id,
    target: target.name,
    upstreamId,
    version,
    ...optional('route', route),
    policy: policyOf(ports, target),
  };
}

/** Returns the limits that hold for a write to a target now. */
export function policyOf(ports: Ports, target: Target): Explanation['policy'] {
  const { limits } = target;
  return {
    deadlineMs: Math.min(ports.deadlineMs, limits.deadlineMs),
    connectTimeoutMs: limits.connectTimeoutMs,
    timeoutMs: target.timeoutMs,
    readBackReserveMs: readBackReserveMs(limits),
    maxConcurrentRequests: limits.maxConcurrentRequests,
    maxQueuedRequests: limits.maxQueuedRequests,
    circuitBreaker: target.circuitBreaker.state(),
    maxSendAttempts: SEND_ATTEMPTS_MAX,
    retryWaitMs: RETRY_WAIT_MS,
    retryBudgetRatio: RETRY_SHARE,
  };
}

/**
 * Returns the members of an explanation of what is refused with a fault, whose words may quote a
 * vendor.
 */
export function refusal(fault: Fault, { redactor }: { readonly redactor: TextRedactor }) {
  const { code, detail, errors, retryAfterSeconds } = cleanFault(fault, redactor);
  const problem = {
    code,
    detail,
    ...optional('errors', errors),
    ...optional('retryAfterSeconds', retryAfterSeconds),
  };
  return { prediction: 'rejected', problem, atomic: true, losses: [], requests: [] } as const;
}

async function views(
  { id, resolved: { target, upstreamId } }: ExplainRequest,
  { digests }: Pick<Ports, 'digests'>,
  before: StoredProfile,
  changes: Parameters<typeof contentAfter>[1],
): Promise<Required<Pick<Explanation, 'before' | 'after' | 'etag'>>> {
  const after = { ...before, content: contentAfter(before.content, changes) };
  return {
    before: representation(id, upstreamId, target, before),
    after: representation(id, upstreamId, target, after),
    etag: (await tagged(id, target, before, digests)).etag,
  };
}
