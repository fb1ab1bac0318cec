import {
  type Fault,
  type FaultCode,
  type FieldError,
  STATUS_OF_CODE,
  type UpstreamError,
} from '../adapter-kit/index.ts';
import type { RouteStep } from '../routing/route-trace.ts';
import type { UnknownReason, WriteOutcome } from '../writes/outcome.ts';

/** How a write ended that did not succeed. */
type FailedOutcome = Extract<WriteOutcome, { fault: Fault }>['outcome'];

/** Media type of every error (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** The body of every error the gateway answers with. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: FaultCode;
  readonly requestId: string;
  readonly outcome?: FailedOutcome;
  readonly target?: string;
  readonly errors?: readonly FieldError[];
  readonly upstream?: UpstreamError;
  readonly retryAfterSeconds?: number;
  readonly applied?: readonly string[];
  readonly notApplied?: readonly string[];
  /** Taken by the target, which does not show them. */
  readonly unconfirmed?: readonly string[];
  /** Why the outcome is unknown. */
  readonly reason?: UnknownReason;
  /** The rules that were looked at, where an explanation fails. */
  readonly route?: readonly RouteStep[];
};

/** What a problem tells beyond its fault. */
export type ProblemContext = {
  readonly requestId: string;
  readonly outcome?: FailedOutcome;
  readonly target?: string;
  readonly applied?: readonly string[];
  readonly notApplied?: readonly string[];
  /** Taken by the target, which does not show them. */
  readonly unconfirmed?: readonly string[];
  readonly reason?: UnknownReason;
  readonly route?: readonly RouteStep[];
};

/** The problem of a fault whose `upstream` is clean already. */
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

const TITLES: Readonly<Record<FaultCode, string>> = {
  malformed_json: 'The body is not JSON',
  invalid_id: 'The id cannot exist',
  unauthenticated: 'The caller is not known',
  forbidden: 'The caller may not do this',
  field_forbidden: 'The caller may not write a field',
  profile_not_found: 'The profile does not exist',
  no_route: 'No route takes the id',
  no_link: 'The id has no link at the target',
  unknown_target: 'The target does not exist',
  not_found: 'The path does not exist',
  method_not_allowed: 'The method does not fit the path',
  conflict: 'The target refused because of its rules',
  precondition_failed: 'The profile is not the expected one',
  body_too_large: 'The body is too large',
  unsupported_media_type: 'The body has another form',
  invalid_patch: 'The patch does not fit the profile model',
  unsupported_patch: 'The target cannot take the patch as given',
  not_atomic: 'The patch takes more than one write',
  refused_by_target: 'The target refused the values',
  rate_limited: 'The caller sends too many requests',
  internal: 'The gateway failed',
  target_unauthorized: 'The target refused the gateway',
  target_forbidden: 'The gateway lacks a right at the target',
  target_misconfigured: 'The target is configured wrongly',
  target_protocol: 'The target answered unintelligibly',
  not_stored: 'The target did not store the values',
  partially_applied: 'A part of the patch is applied',
  not_configured: 'The gateway is not configured',
  issuer_unavailable: "The issuer's keys are not available",
  target_unavailable: 'The target is not available',
  target_throttled: 'The target is throttling',
  target_read_only: 'The target takes no writes',
  profile_in_doubt: 'An earlier write may still be applied',
  busy: 'Too many requests wait',
  draining: 'The gateway is stopping',
  target_timeout: 'The target did not answer in time',
  outcome_unknown: 'The end of the write is not known',
};
