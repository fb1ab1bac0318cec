import { BREAKER_SLICES } from '../limits.ts';
import type { BreakerState } from '../telemetry/metrics.ts';

export type CircuitBreakerLimits = {
  /** Share of failed requests in the window from which the breaker opens. */
  readonly failureRatio: number;
  readonly windowMs: number;
  /** Fewest requests in the window for the breaker to open. */
  readonly minimumRequests: number;
  /** Time between opening and the first probe. */
  readonly openMs: number;
};

/** Result of a request for the breaker; `ignored` where it shows nothing about the target. */
export type RequestResult = 'ok' | 'failed' | 'ignored';

/** Records the result of an admitted request, once; returns the state if the result changed it. */
export type Recorder = (result: RequestResult) => BreakerState | undefined;

export type CircuitBreaker = {
  /** Admits one request; undefined where it must not be sent. */
  readonly acquire: () => Recorder | undefined;
  /** Returns the time until a request may be admitted, 0 where one may be now. */
  readonly retryAfterMs: () => number;
  /** Admits a request regardless of state; its result is still recorded. */
  readonly acquireForced: () => Recorder;
  readonly state: () => BreakerState;
};

/**
 * Stops sending to a target that fails. Closed: all requests are admitted and their results
 * counted. Open: none is admitted for `openMs`. Half-open: one probe at a time, and the first that
 * succeeds closes the breaker. A probe without a result is replaced after `openMs`: on Workers an
 * invocation may be stopped in the middle.
 */
export function createCircuitBreaker(
  limits: CircuitBreakerLimits,
  monotonicMs: () => number,
): CircuitBreaker {
  const window = createWindow(limits.windowMs);
  let openUntilMs: number | undefined;
  let probe: { readonly untilMs: number } | undefined;

  const state = (): BreakerState => {
    if (openUntilMs === undefined) return 'closed';
    return monotonicMs() < openUntilMs ? 'open' : 'half_open';
  };
  const open = (): BreakerState => {
    openUntilMs = monotonicMs() + limits.openMs;
    probe = undefined;
    window.clear();
    return 'open';
  };
  /** Requests that were admitted before the breaker opened no longer count once it is open. */
  const record: Recorder = (result) => {
    if (openUntilMs !== undefined || result === 'ignored') return undefined;
    const { failed, all } = window.add(result === 'failed', monotonicMs());
    const fails = all >= limits.minimumRequests && failed >= limits.failureRatio * all;
    return fails ? open() : undefined;
  };
  const startProbe = (): Recorder => {
    const own = { untilMs: monotonicMs() + limits.openMs };
    probe = own;
    return (result) => {
      if (probe !== own) return undefined;
      probe = undefined;
      if (result === 'ignored') return undefined;
      if (result === 'failed') return open();
      openUntilMs = undefined;
      return 'closed';
    };
  };

  const retryAfterMs = (): number => {
    if (openUntilMs === undefined) return 0;
    return Math.max(0, openUntilMs - monotonicMs(), (probe?.untilMs ?? 0) - monotonicMs());
  };

  return {
    state,
    retryAfterMs,
    acquireForced: () => record,
    acquire: () => {
      if (openUntilMs === undefined) return record;
      return retryAfterMs() > 0 ? undefined : startProbe();
    },
  };
}

type Counts = { failed: number; all: number };
type Slice = Counts & { readonly number: number };

/** Counts results in a sliding window, which drops the oldest of its slices at a time. */
function createWindow(windowMs: number) {
  const sliceMs = windowMs / BREAKER_SLICES;
  let slices: Slice[] = [];
  let current: Slice | undefined;
  let sums: Counts = { failed: 0, all: 0 };

  /** Returns the slice `number`, created if needed, and drops slices outside its window. */
  const moveTo = (number: number): Slice => {
    // After a clock jumped back, later slices would stay in the window for too long.
    slices = slices.filter((s) => s.number > number - BREAKER_SLICES && s.number <= number);
    const last = slices.at(-1);
    const slice = last?.number === number ? last : { number, failed: 0, all: 0 };
    if (slice !== last) slices.push(slice);
    sums = { failed: 0, all: 0 };
    for (const { all, failed } of slices) {
      sums.all += all;
      sums.failed += failed;
    }
    current = slice;
    return slice;
  };

  return {
    clear: (): void => {
      slices = [];
      current = undefined;
    },
    /** Adds one result and returns the sums of the window. */
    add: (failed: boolean, nowMs: number): Readonly<Counts> => {
      const number = Math.floor(nowMs / sliceMs);
      const slice = current?.number === number ? current : moveTo(number);
      count(slice, failed);
      count(sums, failed);
      return sums;
    },
  };
}

function count(window: Counts, failed: boolean): void {
  window.all += 1;
  if (failed) window.failed += 1;
}
