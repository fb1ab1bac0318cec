import type { FaultCode } from './fault-codes.ts';

/** Something wrong with one field of a request; `pointer` is a JSON Pointer into the patch. */
export type FieldError = {
  readonly pointer: string;
  readonly code: FieldErrorCode;
  readonly detail: string;
  /** Targets of the caller that could take the field as given. */
  readonly supportedBy?: readonly string[];
};

/** Everything that can be wrong with one field. */
export const FIELD_ERROR_CODES = [
  'unknown_field',
  'unsupported_field',
  'read_only',
  'not_nullable',
  'missing_field',
  'constraint_violated',
  'wrong_type',
  'duplicate_key',
  'number_not_exact',
  'too_deep',
  'forbidden',
  'rejected',
] as const;

export type FieldErrorCode = (typeof FIELD_ERROR_CODES)[number];

/** The vendor's own error, in its own words; `message` is cleaned before it is shown. */
export type UpstreamError = {
  readonly status: number;
  readonly code?: string;
  readonly requestId?: string;
  readonly message?: string;
};

/**
 * Effect of a request that failed: `none` for sure not, `possible` a read can show it, `queued` the
 * vendor may still apply it later, so that no read can show it.
 */
export type Effect = 'none' | 'possible' | 'queued';

/** A failure as a value. `detail` is the gateway's own sentence and holds no vendor text. */
export type Fault = {
  readonly code: FaultCode;
  readonly detail: string;
  readonly effect: Effect;
  readonly upstream?: UpstreamError;
  readonly errors?: readonly FieldError[];
  /** Targets of the caller that have the operation. */
  readonly supportedBy?: readonly string[];
  readonly retryAfterSeconds?: number;
  /** The vendor locked the account: no fresh token is requested, which is one more failed login. */
  readonly isAccountLocked?: boolean;
};

export type Result<T, F = Fault> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: F };

export function succeed<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<F>(fault: F): { readonly ok: false; readonly fault: F } {
  return { ok: false, fault };
}

/** A fault found by the gateway itself, before anything was sent. */
export function ownFault(
  code: FaultCode,
  detail: string,
  more: Pick<Fault, 'errors' | 'retryAfterSeconds' | 'supportedBy'> = {},
): Fault {
  return { code, detail, effect: 'none', ...more };
}
