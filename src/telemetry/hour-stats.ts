import type { Meter, RequestMeasure } from './metrics.ts';

/** Length of a slot, and number of slots: together they are one hour. */
export const SLOT_MS = 30_000;
export const SLOTS = 120;

/** Ways in which a request about a profile ends. `refused`: before anything was sent. */
export const STATS_OUTCOMES = [
  'read',
  'readFailed',
  'applied',
  'noop',
  'rejected',
  'partial',
  'unknown',
  'explained',
  'refused',
] as const;
export type StatsOutcome = (typeof STATS_OUTCOMES)[number];

/** Counts of a slot before those of the latency: one for each outcome, losses, unconfirmed. */
export const LOSSES_AT = STATS_OUTCOMES.length;
export const UNCONFIRMED_AT = LOSSES_AT + 1;
export const LATENCY_AT = LOSSES_AT + 2;

/** Ranges of the latency: the first ends at `LATENCY_MS_MIN`, each other one √2 times higher. */
const LATENCY_RANGES = 32;
const LATENCY_MS_MIN = 0.5;
export const SLOT_COUNTS = LATENCY_AT + LATENCY_RANGES;

/** Counts of one slot; `slot` is its begin in Unix milliseconds, divided by `SLOT_MS`. */
export type SlotCounts = { readonly slot: number; readonly counts: readonly number[] };

/** Counts of the requests about profiles over the last hour, in memory of fixed size. */
export type HourStats = {
  readonly request: (measure: RequestMeasure) => void;
  readonly loss: () => void;
  readonly unconfirmed: () => void;
  /** Returns the slots of the last hour in which something was counted, the oldest first. */
  readonly read: () => SlotCounts[];
};

/** Creates empty counts; `now` is Unix milliseconds. */
export function createHourStats(now: () => number): HourStats {
  const counts = new Uint32Array(SLOTS * SLOT_COUNTS);
  const slotOf = new Array<number>(SLOTS).fill(Number.NEGATIVE_INFINITY);
  const current = (): number => Math.floor(now() / SLOT_MS);
  const count = (...columns: readonly number[]): void => {
    const slot = current();
    const row = slot % SLOTS;
    const start = row * SLOT_COUNTS;
    if (slotOf[row] !== slot) {
      counts.fill(0, start, start + SLOT_COUNTS);
      slotOf[row] = slot;
    }
    for (const column of columns) counts[start + column] = (counts[start + column] ?? 0) + 1;
  };
  return {
    request: (measure) => {
      const outcome = statsOutcome(measure);
      if (outcome === undefined) return;
      count(STATS_OUTCOMES.indexOf(outcome), LATENCY_AT + latencyRange(measure.durationMs));
    },
    loss: () => count(LOSSES_AT),
    unconfirmed: () => count(UNCONFIRMED_AT),
    read: () => {
      const last = current();
      return slotOf
        .flatMap((slot, row) => {
          if (slot > last || slot <= last - SLOTS) return [];
          const start = row * SLOT_COUNTS;
          return [{ slot, counts: [...counts.subarray(start, start + SLOT_COUNTS)] }];
        })
        .toSorted((a, b) => a.slot - b.slot);
    },
  };
}

/** Returns `meter` as one whose measures `stats` counts, too. */
export function countedBy(stats: HourStats, meter: Meter): Meter {
  return {
    ...meter,
    request: (measure) => {
      stats.request(measure);
      meter.request(measure);
    },
    loss: (target, field) => {
      stats.loss();
      meter.loss(target, field);
    },
    unconfirmed: (target, field) => {
      stats.unconfirmed();
      meter.unconfirmed(target, field);
    },
  };
}

/** Returns how a request about a profile has ended; undefined: it was about something else. */
function statsOutcome({ code, method, outcome, route }: RequestMeasure): StatsOutcome | undefined {
  // OPTIONS is about what a browser may send, not about a profile.
  if (!route.startsWith('/profiles') || method === 'OPTIONS') return undefined;
  const known = STATS_OUTCOMES.find((one) => one === outcome);
  if (known !== undefined) return known;
  if (route.endsWith('/explain')) return code === 'none' ? 'explained' : 'refused';
  if (method === 'GET' || method === 'HEAD') return code === 'none' ? 'read' : 'readFailed';
  return 'refused';
}

function latencyRange(durationMs: number): number {
  const range = Math.ceil(2 * Math.log2(Math.max(durationMs, LATENCY_MS_MIN) / LATENCY_MS_MIN));
  return Math.min(range, LATENCY_RANGES - 1);
}

/**
 * Returns the latency in milliseconds that a share of the requests did not exceed, at most 41 %
 * too high; undefined where there were none. `counts` are those of a slot, or a sum of several.
 */
export function latencyQuantile(counts: readonly number[], share: number): number | undefined {
  const ranges = counts.slice(LATENCY_AT, SLOT_COUNTS);
  const total = ranges.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  for (const [range, count] of ranges.entries()) {
    seen += count;
    if (seen >= share * total) return LATENCY_MS_MIN * 2 ** (range / 2);
  }
  return undefined;
}
