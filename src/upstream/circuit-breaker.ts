import { BREAKER_SLICES } from '../limits.ts';
import type { BreakerState } from '../telemetry/metrics.ts';

export type CircuitBreakerLimits = {
  /** Share of the window's requests that must fail for it to open. */
  readonly failureRatio: number;
  readonly windowMs: number;
  /** Fewer requests in the window say nothing. */
  readonly minimumRequests: number;
  /** Time for which nothing is sent before a probe. */
  readonly openMs: number;
};

/** Result of a request for the breaker; `ignored` where it ended for a reason of our own. */
export type RequestResult = 'ok' | 'failed' | 'ignored';

/** Told once, when the request has ended; the state where that changed it. */
export type Recorder = (result: RequestResult) => BreakerState | undefined;

export type CircuitBreaker = {
  /** A pass for one request, or undefined where it must not be sent. */
  readonly acquire: () => Recorder | undefined;
  /** Milliseconds until a request may pass, 0 where one may now. */
  readonly retryAfterMs: () => number;
  /** A pass for what must be sent whatever the state is; counted like any other. */
  readonly acquireForced: () => Recorder;
  readonly state: () => BreakerState;
};

/**
 * Keeps requests from a target that fails. Closed: all pass, and their ends are counted. Open: none
 * does until `openMs` have passed. Then half-open: one request at a time, and the first that
 * succeeds closes it. A probe that never ends makes way for another after `openMs`: on Workers an
 * invocation may be stopped in the middle.
 */
export function createCircuitBreaker(
  limits: CircuitBreakerLimits,
  now: () => number,
): CircuitBreaker {
  const window = createWindow(limits.windowMs);
  let openUntilMs: number | undefined;
  let probe: { readonly untilMs: number } | undefined;

  const state = (): BreakerState => {
    if (openUntilMs === undefined) return 'closed';
    return now() < openUntilMs ? 'open' : 'half_open';
  };
  const open = (): BreakerState => {
    openUntilMs = now() + limits.openMs;
    probe = undefined;
    window.clear();
    return 'open';
  };
  /** Ends of requests that were let through before it opened say nothing new once it is open. */
  const record: Recorder = (result) => {
    if (openUntilMs !== undefined || result === 'ignored') return undefined;
    const { failed, all } = window.add(result === 'failed', now());
    const fails = all >= limits.minimumRequests && failed >= limits.failureRatio * all;
    return fails ? open() : undefined;
  };
  const startProbe = (): Recorder => {
    const own = { untilMs: now() + limits.openMs };
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
    return Math.max(0, openUntilMs - now(), (probe?.untilMs ?? 0) - now());
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

/** Counts over a window that slides on by slices, so that old ends are forgotten bit by bit. */
function createWindow(windowMs: number) {
  const sliceMs = windowMs / BREAKER_SLICES;
  let slices: Slice[] = [];
  let current: Slice | undefined;
  let sums: Counts = { failed: 0, all: 0 };

  /** Begins or finds the slice `number`, and forgets those that are not of its window. */
  const moveTo = (number: number): Slice => {
    // A clock that jumps back leaves slices behind that are not over for long.
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
    /** Adds one end; the sums of the window with it. */
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
