import { ownFault } from '../../../adapter-kit/index.ts';
import {
  LOSSES_AT,
  latencyQuantile,
  SLOT_COUNTS,
  SLOT_MS,
  SLOTS,
  type SlotCounts,
  STATS_OUTCOMES,
  type StatsOutcome,
  UNCONFIRMED_AT,
} from '../../../telemetry/hour-stats.ts';
import type { Handler } from '../../pipeline.ts';
import { jsonText, respondProblem } from '../../responses.ts';

/** Counts of one process. */
export type ProcessStats = { readonly process: string; readonly slots: readonly SlotCounts[] };

/** The part of a process that has counted its requests. */
export type StatsPart = {
  /** Resolves with the counts of this process and of all others of the same gateway. */
  readonly stats?: () => Promise<readonly ProcessStats[]>;
};

/** Sums of a time. */
export type StatsSums = {
  readonly requests: number;
  readonly outcomes: Readonly<Record<StatsOutcome, number>>;
  /** Members of lenient patches that were dropped or converted. */
  readonly losses: number;
  /** Members that no response has confirmed. */
  readonly unconfirmed: number;
  /** Absent where there were no requests. */
  readonly latencyMs?: { readonly p50: number; readonly p95: number; readonly p99: number };
};

/** The last hour. Times are RFC 3339, in UTC. */
export type StatsView = {
  /** The processes that it speaks for, by host and process id. */
  readonly processes: readonly string[];
  readonly since: string;
  readonly until: string;
  readonly slotSeconds: number;
  readonly total: StatsSums;
  /** All slots of the hour, the oldest first. */
  readonly slots: readonly (StatsSums & { readonly at: string })[];
};

/** `GET /admin/stats`. */
export function showStats(part: StatsPart, now: () => number): Handler {
  return async (c) => {
    if (part.stats !== undefined) return jsonText(c, statsView(await part.stats(), now()));
    const detail = 'This runtime counts nothing: its isolates share no memory.';
    return respondProblem(c, ownFault('not_found', detail));
  };
}

/** Adds up the counts of several processes. */
export function statsView(parts: readonly ProcessStats[], nowMs: number): StatsView {
  const last = Math.floor(nowMs / SLOT_MS);
  const first = last - SLOTS + 1;
  const bySlot = new Map<number, number[]>();
  for (const { counts, slot } of parts.flatMap(({ slots }) => slots)) {
    if (slot >= first && slot <= last) bySlot.set(slot, plus(bySlot.get(slot), counts));
  }
  const numbers = Array.from({ length: SLOTS }, (_, i) => first + i);
  const whole = [...bySlot.values()].reduce<number[]>(plus, NO_COUNTS);
  return {
    processes: parts.map(({ process }) => process),
    since: isoTime(first * SLOT_MS),
    until: isoTime(nowMs),
    slotSeconds: SLOT_MS / 1_000,
    total: sumsOf(whole),
    slots: numbers.map((slot) => ({
      at: isoTime(slot * SLOT_MS),
      ...sumsOf(bySlot.get(slot) ?? NO_COUNTS),
    })),
  };
}

const NO_COUNTS: number[] = new Array<number>(SLOT_COUNTS).fill(0);

function plus(sum: readonly number[] = NO_COUNTS, counts: readonly number[]): number[] {
  return sum.map((count, i) => count + (counts[i] ?? 0));
}

function sumsOf(counts: readonly number[]): StatsSums {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => latencyQuantile(counts, share));
  const count = (outcome: StatsOutcome): number => counts[STATS_OUTCOMES.indexOf(outcome)] ?? 0;
  return {
    requests: counts.slice(0, LOSSES_AT).reduce((sum, one) => sum + one, 0),
    outcomes: {
      read: count('read'),
      readFailed: count('readFailed'),
      applied: count('applied'),
      noop: count('noop'),
      rejected: count('rejected'),
      partial: count('partial'),
      unknown: count('unknown'),
      explained: count('explained'),
      refused: count('refused'),
    },
    losses: counts[LOSSES_AT] ?? 0,
    unconfirmed: counts[UNCONFIRMED_AT] ?? 0,
    ...(p50 === undefined || p95 === undefined || p99 === undefined
      ? {}
      : { latencyMs: { p50: shortMs(p50), p95: shortMs(p95), p99: shortMs(p99) } }),
  };
}

/** Two digits are more than a range of the latency is worth. */
function shortMs(ms: number): number {
  return Number(ms.toPrecision(2));
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
