import type { Fault, FieldError, JsonObject, StoredProfile } from '../adapter-kit/index.ts';
import { RETRY_WAIT_MS, SEND_ATTEMPTS_MAX } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { RouteStep } from '../routing/route-trace.ts';
import type { BreakerState } from '../telemetry/metrics.ts';
import { type Exchange, readBackReserveMs, startExchange } from '../upstream/exchange.ts';
import { RETRY_SHARE } from '../upstream/retry-budget.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import type { Target } from '../upstream/target.ts';
import { refuseByMode } from '../upstream/target.ts';
import { dropped, isAtomic, type Loss } from '../writes/plan.ts';
import { fitTo, readsFirst } from '../writes/write-plan.ts';
import {
  contentAfter,
  type ExplainedRequest,
  explainRequests,
  isNoop,
} from './explained-requests.ts';
import type { PatchRequest } from './patch-request.ts';
import { planFor } from './plan-patch.ts';
import { representation } from './representation.ts';

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
  readonly problem?: { code: string; detail: string; errors?: readonly FieldError[] };
  readonly atomic: boolean;
  readonly losses: readonly Loss[];
  readonly requests: readonly ExplainedRequest[];
  /** The profile as it is and as it would be, where it was read. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
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

export type ExplainRequest = Omit<PatchRequest, 'ifMatch'> & {
  /** True if the profile may be read for it. */
  readonly reads: boolean;
  /** Trace of the route to the target, for callers who may see it. */
  readonly route?: readonly RouteStep[];
};

export type ExplainAnswer = { readonly exchange?: Exchange } & (
  | { readonly ok: true; readonly explanation: Explanation }
  | { readonly ok: false; readonly fault: Fault }
);

/** Explains a patch; sends nothing, but for reads where `request.reads` allows them. */
export async function explainProfile(
  gateway: { readonly targets: ReadonlyMap<string, Target>; readonly version: string },
  ports: Ports,
  request: ExplainRequest,
): Promise<ExplainAnswer> {
  const { id, resolved, route } = request;
  const { target, upstreamId } = resolved;
  const { limits } = target;
  const common = {
    id,
    target: target.name,
    upstreamId,
    version: gateway.version,
    ...(route === undefined ? {} : { route }),
    policy: {
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
    },
  };
  const closed = refuseByMode(target, 'write');
  if (closed !== undefined) return { ok: true, explanation: { ...common, ...refusal(closed) } };
  const planned = planFor(gateway, request);
  if (!planned.ok) {
    return { ok: true, explanation: { ...common, ...refusal(planned.fault) } };
  }
  let { changes, losses } = planned.value;
  const exchange = startExchange(target, ports, request.endMs);
  const { connection } = target;
  // Where the patch itself would not read, it knows no more than the caller does.
  const known = readsFirst(connection, changes);
  let before: StoredProfile | undefined;
  if (request.reads) {
    const read = await readWithRetry(exchange, connection.read(upstreamId));
    if (!read.ok) return { ok: false, exchange, fault: read.fault };
    before = read.value;
  }
  if (before !== undefined && known) {
    const fit = fitTo(connection, changes, before, request.preferences.handling === 'lenient');
    if (!fit.ok) return { ok: true, exchange, explanation: { ...common, ...refusal(fit.fault) } };
    changes = fit.value.changes;
    losses = [...losses, ...dropped(fit.value.refusals)];
  }
  const basis = known ? before : undefined;
  const explanation: Explanation = {
    ...common,
    prediction: isNoop(changes, basis) ? 'noop' : 'write',
    atomic: isAtomic(changes),
    losses,
    requests: await explainRequests(target, ports, upstreamId, changes, basis),
    ...(before === undefined ? {} : views(request, before, changes)),
  };
  return { ok: true, exchange, explanation };
}

function refusal({ code, detail, errors }: Fault) {
  const problem = { code, detail, ...(errors === undefined ? {} : { errors }) };
  return { prediction: 'rejected', problem, atomic: true, losses: [], requests: [] } as const;
}

function views(
  { id, resolved: { target, upstreamId } }: ExplainRequest,
  before: StoredProfile,
  changes: Parameters<typeof contentAfter>[1],
): { before: JsonObject; after: JsonObject } {
  const after = { ...before, content: contentAfter(before.content, changes) };
  return {
    before: representation(id, upstreamId, target, before),
    after: representation(id, upstreamId, target, after),
  };
}
