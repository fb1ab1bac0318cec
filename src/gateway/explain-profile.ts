import type { Fault, FieldError, JsonObject, StoredProfile } from '../contract/index.ts';
import type { Caller } from './callers.ts';
import { allShown } from './compare.ts';
import { drive, type Exchange, startExchange } from './deliver.ts';
import { contentAfter, type ExplainedRequest, explainRequests } from './explain.ts';
import type { Gateway } from './gateway.ts';
import { READ_BACK_RESERVE_MS, RETRY_WAIT_MS, SEND_ATTEMPTS_MAX } from './limits.ts';
import { type PatchRequest, planFor } from './patch-profile.ts';
import { isAtomic, type Loss } from './plan.ts';
import type { Ports } from './ports.ts';
import { representation } from './representation.ts';
import { type RouteStep, traceRoute } from './resolve.ts';
import { RETRY_SHARE } from './retry.ts';

/** What a patch would do, without doing it. */
export type Explanation = {
  readonly id: string;
  readonly target: string;
  readonly upstreamId: string;
  /** Which rule chose the target; for the scope `admin` only. */
  readonly route?: readonly RouteStep[];
  readonly wouldBe: 'write' | 'noop' | 'refused';
  /** Why it would be refused. */
  readonly problem?: { code: string; detail: string; errors?: readonly FieldError[] };
  readonly atomic: boolean;
  readonly losses: readonly Loss[];
  readonly requests: readonly ExplainedRequest[];
  /** The profile as it is and as it would be, where it was read. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
  readonly policy: {
    readonly deadlineMs: number;
    readonly timeoutMs: number;
    readonly readBackReserveMs: number;
    readonly sendAttemptsMax: number;
    readonly retryWaitMs: number;
    readonly retryShare: number;
  };
};

export type ExplainRequest = Omit<PatchRequest, 'ifMatch'> & {
  /** Whether the profile may be read for it. */
  readonly reads: boolean;
};

export type ExplainAnswer = { readonly exchange?: Exchange } & (
  | { readonly ok: true; readonly explanation: Explanation }
  | { readonly ok: false; readonly fault: Fault }
);

/** Explains a patch; sends nothing, but for reads where `request.reads` allows them. */
export async function explainProfile(
  gateway: Gateway,
  ports: Ports,
  request: ExplainRequest,
  caller: Caller | undefined,
): Promise<ExplainAnswer> {
  const { id, resolved } = request;
  const { target, upstreamId } = resolved;
  const traced = gateway.callers === undefined || caller?.scopes.has('admin') === true;
  const common = {
    id,
    target: target.name,
    upstreamId,
    ...(traced ? { route: traceRoute(id, gateway) } : {}),
    policy: {
      deadlineMs: ports.deadlineMs,
      timeoutMs: target.timeoutMs,
      readBackReserveMs: READ_BACK_RESERVE_MS,
      sendAttemptsMax: SEND_ATTEMPTS_MAX,
      retryWaitMs: RETRY_WAIT_MS,
      retryShare: RETRY_SHARE,
    },
  };
  const planned = planFor(gateway, request);
  if (!planned.ok) {
    return { ok: true, explanation: { ...common, ...refusal(planned.fault) } };
  }
  const { changes, losses } = planned.value;
  const exchange = startExchange(target, ports, request.endMs);
  let before: StoredProfile | undefined;
  if (request.reads) {
    const read = await drive(exchange, target.connection.read(upstreamId), 'read');
    if (!read.ok) return { ok: false, exchange, fault: read.fault };
    before = read.value;
    const errors = target.connection.refine?.(changes, before) ?? [];
    if (errors.length > 0) {
      const detail = 'The target cannot take the patch as the profile is now.';
      const fault = { code: 'unsupported_patch', detail, effect: 'none', errors } as const;
      return { ok: true, exchange, explanation: { ...common, ...refusal(fault) } };
    }
  }
  const seen = before === undefined ? {} : views(request, before, changes);
  const explanation: Explanation = {
    ...common,
    wouldBe: before !== undefined && allShown(changes, before.content) ? 'noop' : 'write',
    atomic: isAtomic(changes),
    losses,
    requests: await explainRequests(target, ports, upstreamId, changes, before),
    ...seen,
  };
  return { ok: true, exchange, explanation };
}

function refusal({ code, detail, errors }: Fault) {
  const problem = { code, detail, ...(errors === undefined ? {} : { errors }) };
  return { wouldBe: 'refused', problem, atomic: true, losses: [], requests: [] } as const;
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
