import type { FaultCode } from '../contract/index.ts';
import { ACTIVITY_RECENT_MAX, ACTIVITY_RECENT_MS } from './limits.ts';
import { isTargetFault } from './target-fault.ts';

/** Every way in which an exchange with a target can end. */
export const ENDINGS = [
  'read',
  'readFailed',
  'applied',
  'noop',
  'rejected',
  'partial',
  'unknown',
] as const;
export type Ending = (typeof ENDINGS)[number];

/** How an exchange ended, and the code of its fault where it has one. */
export type Ended = { readonly ending: Ending; readonly code?: FaultCode };

/**
 * `idle`: nothing ended recently, so nothing is known. `failing`: at least half of what ended
 * recently failed at the target; `degraded`: less, but not nothing.
 */
export const HEALTH = ['idle', 'healthy', 'degraded', 'failing'] as const;
export type Health = (typeof HEALTH)[number];

export type ActivityView = {
  readonly health: Health;
  /** Of the last exchanges, at most `ACTIVITY_RECENT_MAX` of the last `ACTIVITY_RECENT_MS`. */
  readonly recent: { readonly ended: number; readonly failed: number };
  readonly lastFailure: { readonly code: FaultCode; readonly atMs: number } | undefined;
  readonly inFlight: { readonly reads: number; readonly writes: number };
  readonly outcomes: Readonly<Record<Ending, number>>;
};

/** What goes on at one target, and how it went since the process began. */
export type Activity = {
  /** Runs one exchange; how it ended is read off its answer. One that throws is not counted. */
  readonly run: <T>(
    kind: 'reads' | 'writes',
    exchange: () => Promise<T>,
    endedOf: (answer: T) => Ended,
  ) => Promise<T>;
  readonly view: () => ActivityView;
};

export function createActivity(now: () => number): Activity {
  const inFlight = { reads: 0, writes: 0 };
  const outcomes: Record<Ending, number> = {
    read: 0,
    readFailed: 0,
    applied: 0,
    noop: 0,
    rejected: 0,
    partial: 0,
    unknown: 0,
  };
  const recent: { readonly atMs: number; readonly failed: boolean }[] = [];
  let lastFailure: ActivityView['lastFailure'];

  const count = ({ code, ending }: Ended): void => {
    outcomes[ending] += 1;
    const atMs = now();
    const failed = code !== undefined && (isTargetFault(code) || ending === 'unknown');
    if (failed) lastFailure = { code, atMs };
    recent.push({ atMs, failed });
    if (recent.length > ACTIVITY_RECENT_MAX) recent.shift();
  };

  return {
    run: async (kind, exchange, endedOf) => {
      inFlight[kind] += 1;
      try {
        const answer = await exchange();
        count(endedOf(answer));
        return answer;
      } finally {
        inFlight[kind] -= 1;
      }
    },
    view: () => {
      const sinceMs = now() - ACTIVITY_RECENT_MS;
      const counted = recent.filter(({ atMs }) => atMs >= sinceMs);
      const failed = counted.filter((end) => end.failed).length;
      return {
        health: healthOf(counted.length, failed),
        recent: { ended: counted.length, failed },
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
