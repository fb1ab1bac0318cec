import * as z from 'zod/mini';
import { lazily } from '../adapter-kit/index.ts';
import { CONCURRENCY_MAX, DEADLINE_MS, QUEUE_MAX } from '../limits.ts';
import { TARGET_LIMITS } from '../upstream/target-limits.ts';

const { circuitBreaker, connectTimeoutMs, deadlineMs, maxConcurrentRequests, maxQueuedRequests } =
  TARGET_LIMITS;

function boundedCount(minimum: number, maximum: number, byDefault: number) {
  return z._default(z.int().check(z.minimum(minimum), z.maximum(maximum)), byDefault);
}

const circuitBreakerSchema = lazily(() =>
  z.strictObject({
    failureRatio: z._default(
      z.number().check(z.minimum(0.01), z.maximum(1)),
      circuitBreaker.failureRatio,
    ),
    windowMs: boundedCount(1_000, 600_000, circuitBreaker.windowMs),
    minimumRequests: boundedCount(1, 10_000, circuitBreaker.minimumRequests),
    openMs: boundedCount(100, 600_000, circuitBreaker.openMs),
  }),
);

/** The `limits` of a target; `timeoutMs`, which is older, stands beside them. */
export const targetLimitsSchema = lazily(() =>
  z.strictObject({
    connectTimeoutMs: boundedCount(1, DEADLINE_MS, connectTimeoutMs),
    deadlineMs: boundedCount(1_000, DEADLINE_MS, deadlineMs),
    maxConcurrentRequests: boundedCount(1, CONCURRENCY_MAX, maxConcurrentRequests),
    maxQueuedRequests: boundedCount(0, QUEUE_MAX, maxQueuedRequests),
    circuitBreaker: z.prefault(circuitBreakerSchema(), {}),
  }),
);

/** TLS settings by which a target is authenticated. */
export const tlsSchema = lazily(() =>
  z.strictObject({
    /** A file with the certificates of the authorities trusted instead of the public ones. */
    caFile: z.string().check(z.minLength(1), z.maxLength(4_096)),
  }),
);

/** Reads a file of PEM certificates, or returns what is wrong with it. */
export type ReadCertificates = (
  path: string,
) => { readonly ok: true; readonly pem: string } | { readonly ok: false; readonly problem: string };
