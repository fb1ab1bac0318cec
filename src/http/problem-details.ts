import {
  FAULT_CODES,
  type Fault,
  type FaultCode,
  type FieldError,
  type UpstreamError,
} from '../adapter-kit/index.ts';
import type { RouteStep } from '../routing/route-trace.ts';
import type { FailedOutcome, UnknownReason } from '../writes/outcome.ts';
import type { Loss } from '../writes/plan.ts';

/** Media type of every answer with a body that is no error. */
export const JSON_TYPE = 'application/json';
/** Media type of every error (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** The body of every error response. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: FaultCode;
  readonly requestId: string;
  readonly outcome?: FailedOutcome['outcome'];
  readonly target?: string;
  readonly errors?: readonly FieldError[];
  readonly supportedBy?: readonly string[];
  readonly upstream?: UpstreamError;
  readonly retryAfterSeconds?: number;
  readonly applied?: readonly string[];
  readonly notApplied?: readonly string[];
  /** Accepted by the target, which does not return them in a comparable form. */
  readonly unconfirmed?: readonly string[];
  /** Sent, and neither shown to be applied nor shown not to be. */
  readonly sent?: readonly string[];
  /** Members of a lenient patch that were dropped or converted. */
  readonly losses?: readonly Loss[];
  /** Why the outcome is unknown. */
  readonly reason?: UnknownReason;
  /** The rules that were evaluated, where an explanation fails. */
  readonly route?: readonly RouteStep[];
};

/** Members of a problem that its fault does not have. */
export type ProblemContext = {
  readonly requestId: string;
  readonly outcome?: FailedOutcome['outcome'];
  readonly target?: string;
  readonly applied?: readonly string[];
  readonly notApplied?: readonly string[];
  /** Accepted by the target, which does not return them in a comparable form. */
  readonly unconfirmed?: readonly string[];
  readonly sent?: readonly string[];
  readonly losses?: readonly Loss[];
  readonly reason?: UnknownReason;
  readonly route?: readonly RouteStep[];
};

/** Creates the problem of a fault whose `upstream` is already redacted. */
export function problemOf(fault: Fault, context: ProblemContext): Problem {
  const { code, detail, errors, supportedBy, upstream, retryAfterSeconds } = fault;
  const { requestId, ...rest } = context;
  return {
    type: `/problems/${code}`,
    title: FAULT_CODES[code].title,
    status: FAULT_CODES[code].status,
    detail,
    code,
    requestId,
    ...rest,
    ...(errors === undefined ? {} : { errors }),
    ...(supportedBy === undefined ? {} : { supportedBy }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}
