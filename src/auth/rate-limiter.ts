import { CALLER_RATES_MAX } from '../limits.ts';

/** Rate at which a caller may send requests. */
export type Rate = {
  readonly requestsPerSecond: number;
  /** Most requests at once, after a silence. */
  readonly burst: number;
};

/** Decision on one request, and what is left after it. */
export type Admission = {
  readonly admitted: boolean;
  /** Whole requests that may follow at once. */
  readonly remaining: number;
  /** Until the whole burst is there again. */
  readonly fullInSeconds: number;
  /** Until the next request may pass; 0 where it may at once. */
  readonly nextInSeconds: number;
};

export type Admit = (caller: string, rate: Rate) => Admission;

type Bucket = { tokens: number; atMs: number };

/**
 * A token bucket for each caller by name, in memory, so that it outlives a reload of the
 * configuration. A clock that jumps back gives nothing and takes nothing.
 */
export function createRateLimiter(now: () => number): Admit {
  const buckets = new Map<string, Bucket>();
  return (caller, { burst, requestsPerSecond }) => {
    const nowMs = now();
    const known = buckets.get(caller) ?? { tokens: burst, atMs: nowMs };
    const gained = (Math.max(0, nowMs - known.atMs) / 1000) * requestsPerSecond;
    const tokens = Math.min(burst, known.tokens + gained);
    const admitted = tokens >= 1;
    const left = admitted ? tokens - 1 : tokens;
    // Whoever asked last stands last, so that the first is the one silent longest.
    buckets.delete(caller);
    buckets.set(caller, { tokens: left, atMs: nowMs });
    if (buckets.size > CALLER_RATES_MAX) forgetFirst(buckets);
    return {
      admitted,
      remaining: Math.floor(left),
      fullInSeconds: Math.ceil((burst - left) / requestsPerSecond),
      nextInSeconds: Math.ceil(Math.max(0, 1 - left) / requestsPerSecond),
    };
  };
}

function forgetFirst(buckets: Map<string, Bucket>): void {
  for (const name of buckets.keys()) {
    buckets.delete(name);
    return;
  }
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
