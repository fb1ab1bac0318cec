import { DEADLINE_MS } from '../limits.ts';
import type { CircuitBreakerLimits } from './circuit-breaker.ts';
import type { ConcurrencyLimits } from './concurrency-limiter.ts';

/** Limits of one target. */
export type TargetLimits = ConcurrencyLimits & {
  /** Longest wait for a connection, including its handshakes. */
  readonly connectTimeoutMs: number;
  /** Longest time for one request of a caller; the runtime's own deadline applies if shorter. */
  readonly deadlineMs: number;
  readonly circuitBreaker: CircuitBreakerLimits;
};

/** Default limits of a target. */
export const TARGET_LIMITS: TargetLimits = {
  connectTimeoutMs: 5_000,
  deadlineMs: DEADLINE_MS,
  maxConcurrentRequests: 64,
  maxQueuedRequests: 1_000,
  circuitBreaker: { failureRatio: 0.5, windowMs: 10_000, minimumRequests: 20, openMs: 10_000 },
};
