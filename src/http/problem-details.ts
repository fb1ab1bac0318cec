import {
  type Fault,
  type FaultCode,
  type FieldError,
  STATUS_OF_CODE,
  type UpstreamError,
} from '../adapter-kit/index.ts';
import type { RouteStep } from '../routing/route-trace.ts';
import type { FailedOutcome, UnknownReason } from '../writes/outcome.ts';
import type { Loss } from '../writes/plan.ts';

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
  const { code, detail, errors, upstream, retryAfterSeconds } = fault;
  const { requestId, ...rest } = context;
  return {
    type: `/problems/${code}`,
    title: TITLES[code],
    status: STATUS_OF_CODE[code],
    detail,
    code,
    requestId,
    ...rest,
    ...(errors === undefined ? {} : { errors }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

export const TITLES: Readonly<Record<FaultCode, string>> = {
  malformed_json: 'Malformed JSON',
  invalid_id: 'Invalid profile id',
  unauthenticated: 'Authentication required',
  forbidden: 'Forbidden',
  field_forbidden: 'Field not allowed',
  profile_not_found: 'Profile not found',
  route_not_found: 'Route not found',
  link_not_found: 'Link not found',
  unknown_target: 'Target not found',
  not_found: 'Path not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict at target',
  precondition_failed: 'Precondition failed',
  body_too_large: 'Body too large',
  unsupported_media_type: 'Unsupported media type',
  invalid_patch: 'Invalid patch',
  unsupported_patch: 'Patch not supported by target',
  not_atomic: 'Patch not atomic',
  rejected_by_target: 'Rejected by target',
  rate_limited: 'Too many requests',
  internal_error: 'Internal error',
  target_unauthorized: 'Target rejected credentials',
  target_forbidden: 'Access denied by target',
  target_misconfigured: 'Target misconfigured',
  target_invalid_response: 'Invalid response from target',
  not_stored: 'Values not stored',
  partially_applied: 'Patch partially applied',
  not_configured: 'Gateway not configured',
  issuer_unavailable: 'Token issuer unavailable',
  target_unavailable: 'Target unavailable',
  target_rate_limited: 'Rate limited by target',
  target_read_only: 'Target read-only',
  profile_in_doubt: 'Profile in doubt',
  overloaded: 'Gateway overloaded',
  draining: 'Gateway shutting down',
  target_timeout: 'Target timeout',
  outcome_unknown: 'Write outcome unknown',
};
