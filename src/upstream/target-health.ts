import { type FaultCode, optional, type UpstreamError } from '../adapter-kit/index.ts';
import { HEALTH_RECENT_MAX, HEALTH_RECENT_MS } from '../limits.ts';
import type { Clock } from '../state/clock.ts';
import { isTargetFault } from './target-fault.ts';

/** Every way in which an exchange with a target can end. */
export const EXCHANGE_OUTCOMES = [
  'read',
  'readFailed',
  'applied',
  'noop',
  'rejected',
  'partial',
  'unknown',
] as const;
export type ExchangeOutcome = (typeof EXCHANGE_OUTCOMES)[number];

/**
 * `idle`: nothing ended recently, so nothing is known. `failing`: at least half of what ended
 * recently failed at the target; `degraded`: less, but not nothing.
 */
export const HEALTH = ['idle', 'healthy', 'degraded', 'failing'] as const;
export type Health = (typeof HEALTH)[number];

export type TargetHealthView = {
  readonly health: Health;
  /** Counts of recent exchanges: at most `HEALTH_RECENT_MAX` of the last `HEALTH_RECENT_MS`. */
  readonly recent: { readonly total: number; readonly failed: number };
  readonly lastFailure: { readonly code: FaultCode; readonly atMs: number } | undefined;
  readonly inFlight: { readonly reads: number; readonly writes: number };
  readonly outcomes: Readonly<Record<ExchangeOutcome, number>>;
};

/** Outcome of an exchange, and the code of its fault, where there is one. */
export type ExchangeResult = {
  readonly outcome: ExchangeOutcome;
  readonly code: FaultCode | undefined;
  /** The vendor's own words, cleaned. */
  readonly upstream?: UpstreamError | undefined;
};

/** Failures of a target that are kept with the vendor's words. */
export const FAILURES_KEPT_MAX = 10;

/** An exchange that failed at the target, or that the vendor rejected in its own words. */
export type TargetFailure = {
  readonly atMs: number;
  readonly purpose: 'read' | 'write';
  readonly outcome: ExchangeOutcome;
  readonly code: FaultCode;
  readonly upstream?: UpstreamError;
};

/** Health of one target: its exchanges in flight, and their outcomes since the process started. */
export type TargetHealth = {
  /** Counts an exchange as in flight until `finished`, which must follow in any case. */
  readonly started: (purpose: 'read' | 'write') => void;
  /** Records the result of an exchange; undefined where nothing was sent, or where it threw. */
  readonly finished: (purpose: 'read' | 'write', result: ExchangeResult | undefined) => void;
  readonly view: () => TargetHealthView;
  /** Returns the last failures, the latest first; at most `FAILURES_KEPT_MAX`. */
  readonly failures: () => readonly TargetFailure[];
};

export function createTargetHealth({ monotonicMs, now }: Clock): TargetHealth {
  const inFlight = { read: 0, write: 0 };
  const outcomes: Record<ExchangeOutcome, number> = {
    read: 0,
    readFailed: 0,
    applied: 0,
    noop: 0,
    rejected: 0,
    partial: 0,
    unknown: 0,
  };
  /** A ring: each result replaces the oldest one. */
  const recent: { readonly endedMs: number; readonly failed: boolean }[] = [];
  let next = 0;
  let lastFailure: TargetHealthView['lastFailure'];
  let failures: readonly TargetFailure[] = [];

  return {
    started: (purpose) => {
      inFlight[purpose] += 1;
    },
    finished: (purpose, result) => {
      inFlight[purpose] -= 1;
      if (result === undefined) return;
      const { code, outcome, upstream } = result;
      outcomes[outcome] += 1;
      const failed = code !== undefined && (isTargetFault(code) || outcome === 'unknown');
      if (code !== undefined && (failed || upstream !== undefined)) {
        const failure = { atMs: now(), purpose, outcome, code, ...optional('upstream', upstream) };
        failures = [failure, ...failures.slice(0, FAILURES_KEPT_MAX - 1)];
        if (failed) lastFailure = { code, atMs: failure.atMs };
      }
      recent[next] = { endedMs: monotonicMs(), failed };
      next = (next + 1) % HEALTH_RECENT_MAX;
    },
    view: () => {
      const sinceMs = monotonicMs() - HEALTH_RECENT_MS;
      const counted = recent.filter(({ endedMs }) => endedMs >= sinceMs);
      const failed = counted.filter((end) => end.failed).length;
      return {
        health: healthOf(counted.length, failed),
        recent: { total: counted.length, failed },
        lastFailure,
        inFlight: { reads: inFlight.read, writes: inFlight.write },
        outcomes: { ...outcomes },
      };
    },
    failures: () => failures,
  };
}

function healthOf(ended: number, failed: number): Health {
  if (ended === 0) return 'idle';
  if (failed === 0) return 'healthy';
  return failed * 2 >= ended ? 'failing' : 'degraded';
}
