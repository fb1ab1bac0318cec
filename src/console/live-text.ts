import type { TargetView } from '../http/routes/admin-view.ts';
import type { StatsView } from '../http/routes/overview/stats.ts';
import { type Cell, countText, type Tone } from './elements.ts';
import { cellsOfRuns } from './live-match.ts';

const HEALTH_TONES: Readonly<Record<TargetView['health'], Tone>> = {
  idle: 'quiet',
  healthy: 'good',
  degraded: 'warn',
  failing: 'bad',
};

/** Names of what a target shows, each updated by itself. */
export const TARGET_CELLS = [
  'health',
  'mode',
  'breaker',
  'credentials',
  'inFlight',
  'load',
  'queued',
  'recent',
] as const;
export type TargetCells = Readonly<Record<(typeof TARGET_CELLS)[number], Cell>>;

/** Returns the texts of a target that change by themselves. */
export function targetCells(view: TargetView): TargetCells {
  const { circuitBreaker, configuredMode, credentials, health, inFlight, mode, recent } = view;
  const isPending = view.pending === undefined ? '' : ', not stored yet';
  const modes: Readonly<Record<TargetView['mode'], Cell>> = {
    active: { tone: 'good', text: `active${isPending}` },
    read_only: { tone: 'warn', text: `read only${isPending}` },
    drained: {
      tone: 'warn',
      text: `drained${configuredMode === 'drained' ? ' by configuration' : ''}${isPending}`,
    },
  };
  const breakers: Readonly<Record<TargetView['circuitBreaker'], Cell>> = {
    closed: { tone: 'good', text: 'closed' },
    half_open: { tone: 'warn', text: 'half open' },
    open: { tone: 'bad', text: 'open' },
  };
  return {
    health: { tone: HEALTH_TONES[health], text: health },
    mode: modes[mode],
    breaker: breakers[circuitBreaker],
    credentials: credentials.coolingDown
      ? { tone: 'bad', text: `refused, tried again in ${credentials.retryAfterSeconds} s` }
      : { tone: 'good', text: 'accepted' },
    inFlight: { text: `${inFlight.reads} reads, ${inFlight.writes} writes` },
    load: { text: String(inFlight.reads + inFlight.writes) },
    queued: { text: String(view.queued) },
    recent: { text: `${recent.failed}\u00a0of\u00a0${recent.total}` },
  };
}

/** Name of a cell of a target in live updates. */
export function targetCellName(target: string, cell: (typeof TARGET_CELLS)[number]): string {
  return `target.${target}.${cell}`;
}

/** Returns the sums of the hour that change by themselves. */
export function totalCells({ total }: StatsView): Readonly<Record<string, Cell>> {
  const { latencyMs, losses, outcomes, requests, unconfirmed } = total;
  const written = outcomes.applied + outcomes.noop;
  return {
    'total.requests': { text: countText(requests) },
    'total.written': { text: countText(written) },
    'total.uncertain': { text: countText(outcomes.unknown + outcomes.partial) },
    'total.rejected': { text: countText(outcomes.rejected + outcomes.refused) },
    'total.latency': { text: latencyMs === undefined ? '–' : `${latencyMs.p95} ms` },
    'total.losses': { text: countText(losses + unconfirmed) },
  };
}

/** Columns of the plots: the begin of each slot in seconds, and a value of each series in it. */
export type PlotData = Readonly<Record<string, readonly (number | null)[]>>;

export function plotData({ slots, slotSeconds }: StatsView): PlotData {
  const column = (value: (slot: StatsView['slots'][number]) => number | null) => slots.map(value);
  return {
    at: column(({ at }) => Date.parse(at) / 1_000),
    requests: column(({ requests }) => Number((requests / slotSeconds).toFixed(2))),
    reads: column(({ outcomes }) => outcomes.read),
    applied: column(({ outcomes }) => outcomes.applied + outcomes.noop),
    rejected: column(({ outcomes }) => outcomes.rejected + outcomes.refused),
    failedReads: column(({ outcomes }) => outcomes.readFailed),
    uncertain: column(({ outcomes }) => outcomes.unknown + outcomes.partial),
    p50: column(({ latencyMs }) => latencyMs?.p50 ?? null),
    p95: column(({ latencyMs }) => latencyMs?.p95 ?? null),
    p99: column(({ latencyMs }) => latencyMs?.p99 ?? null),
    losses: column(({ losses }) => losses),
    unconfirmed: column(({ unconfirmed }) => unconfirmed),
  };
}

/** Returns one live update as JSON: all cells of targets and runs, the sums, and the plots. */
export function liveText(
  targets: readonly TargetView[],
  stats: StatsView,
  runs: Parameters<typeof cellsOfRuns>[0],
): string {
  const cells: Record<string, Cell> = { ...totalCells(stats), ...cellsOfRuns(runs) };
  for (const view of targets) {
    const shown = targetCells(view);
    for (const name of TARGET_CELLS) cells[targetCellName(view.target, name)] = shown[name];
  }
  return JSON.stringify({ cells, plots: plotData(stats) });
}
