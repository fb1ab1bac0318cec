import { type Effect, type Fault, type FaultCode, ownFault } from '../adapter-kit/index.ts';
import type { TransportFailure } from '../ports.ts';

const TARGET_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'target_unavailable',
  'target_timeout',
  'target_rate_limited',
  'target_unauthorized',
  'target_forbidden',
  'target_misconfigured',
  'target_invalid_response',
]);

/**
 * Reports whether a fault is of the way to a target or of the target, not of a profile or a
 * request.
 */
export function isTargetFault(code: FaultCode): boolean {
  return TARGET_FAULTS.has(code);
}

/** Fault of a request that the open circuit breaker of its target kept back. */
export function circuitOpen(retryAfterMs: number): Fault {
  const detail = 'The target failed too often and its circuit breaker is open; nothing was sent.';
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return ownFault('target_unavailable', detail, { retryAfterSeconds });
}

/** Fault of a request that got no permit of its target's limiter. */
export function queueFull(): Fault {
  const detail = 'Too many requests are queued for the target; nothing was sent.';
  return ownFault('overloaded', detail, { retryAfterSeconds: 1 });
}

/** Fault of a request while a credential that was rejected cools down. */
export function credentialsCoolingDown(leftMs: number): Fault {
  const detail = 'The target rejected the configured credentials; they are cooling down.';
  return ownFault('target_unauthorized', detail, { retryAfterSeconds: Math.ceil(leftMs / 1000) });
}

/** Fault of a request that waited for the result of another one with a rejected credential. */
export function credentialsOnTrial(leftMs: number): Fault {
  const detail =
    'The target rejected the configured credentials; another request tries them again.';
  const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  return ownFault('target_unauthorized', detail, { retryAfterSeconds });
}

/** Fault of a write whose lease may have passed to another replica before it was sent. */
export function leaseLost(): Fault {
  const detail = 'This replica lost its session in the shared state; nothing more was sent.';
  return ownFault('state_unavailable', detail, { retryAfterSeconds: 1 });
}

/** Fault of a request that could not be sent before the deadline of its exchange. */
export function deadlinePassed(): Fault {
  const detail = 'The deadline passed before a request could be sent to the target.';
  return ownFault('target_timeout', detail);
}

/** Detail of the fault of a response that is larger than `RESPONSE_BODY_BYTES_MAX`. */
export const RESPONSE_TOO_LARGE = 'The response of the target is too large.';

/** Fault of a request that was sent, or began to be, and has no response. */
export function transportFault({ failure, sent }: TransportFailure, effectOfSent: Effect): Fault {
  const effect = sent ? effectOfSent : 'none';
  switch (failure) {
    case 'lease_lost':
      return leaseLost();
    case 'connect':
      return { code: 'target_unavailable', detail: 'The target cannot be reached.', effect };
    case 'timeout':
      return { code: 'target_timeout', detail: 'The target did not respond in time.', effect };
    case 'reset':
      return { code: 'target_unavailable', detail: 'The connection to the target broke.', effect };
    case 'answer_too_large':
      return {
        code: 'target_invalid_response',
        detail: RESPONSE_TOO_LARGE,
        effect,
      };
  }
}
