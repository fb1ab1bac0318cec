import { CALLER_RATES_MAX } from '../limits.ts';
import { createLru } from '../state/lru.ts';

/** Rate at which a caller may send requests. */
export type Rate = {
  readonly requestsPerSecond: number;
  /** Most requests at once, after a pause. */
  readonly burst: number;
};

/**
 * Returns the part of a rate that one of `replicas` processes admits, which share it without asking
 * each other: one request at once at least.
 */
export function shareOfRate(rate: Rate, replicas: number): Rate {
  if (replicas <= 1) return rate;
  return {
    requestsPerSecond: rate.requestsPerSecond / replicas,
    burst: Math.max(1, Math.floor(rate.burst / replicas)),
  };
}

/** Decision on one request, and what is left after it. */
export type Admission = {
  readonly admitted: boolean;
  /** Whole requests that may follow at once. */
  readonly remaining: number;
  /** Time until the whole burst is available again. */
  readonly fullInSeconds: number;
  /** Time until the next request is admitted; 0 where it is at once. */
  readonly nextInSeconds: number;
};

export type Admit = (caller: string, rate: Rate) => Admission;

type Bucket = { tokens: number; atMs: number };

/**
 * Creates a token bucket per name of a caller, in memory, which outlives reloads of the
 * configuration. A clock that jumps back adds no tokens and removes none.
 */
export function createRateLimiter(monotonicMs: () => number): Admit {
  const buckets = createLru<Bucket>(CALLER_RATES_MAX);
  return (caller, { burst, requestsPerSecond }) => {
    const nowMs = monotonicMs();
    let bucket = buckets.get(caller);
    if (bucket === undefined) {
      bucket = { tokens: burst, atMs: nowMs };
      buckets.set(caller, bucket);
    }
    const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * requestsPerSecond;
    const tokens = Math.min(burst, bucket.tokens + gained);
    const admitted = tokens >= 1;
    const left = admitted ? tokens - 1 : tokens;
    bucket.tokens = left;
    bucket.atMs = nowMs;
    return {
      admitted,
      remaining: Math.floor(left),
      fullInSeconds: Math.ceil((burst - left) / requestsPerSecond),
      nextInSeconds: Math.ceil(Math.max(0, 1 - left) / requestsPerSecond),
    };
  };
}

/**
 * The headers of draft-ietf-httpapi-ratelimit-headers-10: `w` and `t` are the seconds in which an
 * empty bucket, and this one, fill up.
 */
export function rateHeaders(
  { burst, requestsPerSecond }: Rate,
  { fullInSeconds, remaining }: Admission,
): readonly (readonly [name: string, value: string])[] {
  const windowSeconds = Math.ceil(burst / requestsPerSecond);
  return [
    ['RateLimit-Policy', `"caller";q=${burst};w=${windowSeconds}`],
    ['RateLimit', `"caller";r=${remaining};t=${fullInSeconds}`],
  ];
}
