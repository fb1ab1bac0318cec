import type { FaultCode } from '../adapter-kit/index.ts';
import { HEALTH_RECENT_MAX, HEALTH_RECENT_MS } from '../limits.ts';
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
  /** Counts of the last exchanges: at most `HEALTH_RECENT_MAX` of the last `HEALTH_RECENT_MS`. */
  readonly recent: { readonly total: number; readonly failed: number };
  readonly lastFailure: { readonly code: FaultCode; readonly atMs: number } | undefined;
  readonly inFlight: { readonly reads: number; readonly writes: number };
  readonly outcomes: Readonly<Record<ExchangeOutcome, number>>;
};

/** Health of one target: its exchanges in flight, and their outcomes since the process began. */
export type TargetHealth = {
  /** An exchange begins; `left` follows in any case. */
  readonly started: (kind: 'reads' | 'writes') => void;
  readonly finished: (kind: 'reads' | 'writes') => void;
  /** Records the outcome of an exchange, with the code of its fault; not called where it threw. */
  readonly recordOutcome: (ending: ExchangeOutcome, code: FaultCode | undefined) => void;
  readonly view: () => TargetHealthView;
};

export function createTargetHealth(now: () => number): TargetHealth {
  const inFlight = { reads: 0, writes: 0 };
  const outcomes: Record<ExchangeOutcome, number> = {
    read: 0,
    readFailed: 0,
    applied: 0,
    noop: 0,
    rejected: 0,
    partial: 0,
    unknown: 0,
  };
  /** In no order: each takes the place of the one that ended longest ago. */
  const recent: { readonly atMs: number; readonly failed: boolean }[] = [];
  let next = 0;
  let lastFailure: TargetHealthView['lastFailure'];

  return {
    started: (kind) => {
      inFlight[kind] += 1;
    },
    finished: (kind) => {
      inFlight[kind] -= 1;
    },
    recordOutcome: (ending, code) => {
      outcomes[ending] += 1;
      const atMs = now();
      const failed = code !== undefined && (isTargetFault(code) || ending === 'unknown');
      if (failed) lastFailure = { code, atMs };
      recent[next] = { atMs, failed };
      next = (next + 1) % HEALTH_RECENT_MAX;
    },
    view: () => {
      const sinceMs = now() - HEALTH_RECENT_MS;
      const counted = recent.filter(({ atMs }) => atMs >= sinceMs);
      const failed = counted.filter((end) => end.failed).length;
      return {
        health: healthOf(counted.length, failed),
        recent: { total: counted.length, failed },
        lastFailure,
        inFlight: { ...inFlight },
        outcomes: { ...outcomes },
      };
    },
  };
}

function healthOf(ended: number, failed: number): Health {
  if (ended === 0) return 'idle';
  if (failed === 0) return 'healthy';
  return failed * 2 >= ended ? 'failing' : 'degraded';
}
