import { html } from 'hono/html';
import { adminAnswers } from '../../http/openapi/admin-schemas.ts';
import type { TargetView } from '../../http/routes/admin-view.ts';
import { overviewAnswers } from '../../http/routes/overview/schemas.ts';
import type { StatsView } from '../../http/routes/overview/stats.ts';
import {
  cellOf,
  curlBox,
  dataTable,
  emptyState,
  type Html,
  localTime,
  problemNotice,
  section,
  smallLine,
  targetLink,
} from '../elements.ts';
import type { ConsolePage } from '../layout.ts';
import {
  plotData,
  type TARGET_CELLS,
  targetCellName,
  targetCells,
  totalCells,
} from '../live-text.ts';
import { curlLineOf, type Visit } from '../visit.ts';
import type { View } from './view.ts';

/** Targets, and the last hour. */
export const overviewPages: View = {
  entry: { path: '/console', label: 'Overview' },
  pages: { '/console': showOverview },
};

async function showOverview(visit: Visit): Promise<ConsolePage> {
  const [targets, stats] = await Promise.all([
    visit.api('/admin/targets', adminAnswers().targets),
    visit.api('/admin/stats', overviewAnswers().stats),
  ]);
  const list = targets.ok ? targetTable(targets.value.targets) : problemNotice(targets.problem);
  return {
    title: 'Overview',
    lead: stats.ok ? speaksFor(stats.value) : undefined,
    live: 'targets',
    hasPlots: true,
    content: html`${stats.ok ? totals(stats.value) : problemNotice(stats.problem)}
      ${section('Targets', list)}
      ${stats.ok ? hour(stats.value) : ''}
      ${curlBox(`${curlLineOf(visit, '/admin/targets')}\n${curlLineOf(visit, '/admin/stats')}`)}`,
  };
}

function speaksFor({ processes, since }: StatsView): Html {
  const who = processes.length === 1 ? 'one process' : `${processes.length} processes`;
  return html`Since ${localTime(since)}, of ${who}: ${processes.map(
    (name, i) => html`${i === 0 ? '' : ', '}<code>${name}</code>`,
  )}`;
}

const TOTALS = [
  ['total.requests', 'Requests'],
  ['total.written', 'Written'],
  ['total.rejected', 'Rejected'],
  ['total.uncertain', 'Uncertain'],
  ['total.losses', 'Members lost'],
  ['total.latency', 'Latency, 95 %'],
] as const;

const PLOTS = [
  ['requests', 'Requests per second'],
  ['outcomes', 'Outcomes, each 30 s'],
  ['latency', 'Latency in ms'],
  ['losses', 'Lost or unconfirmed members, each 30 s'],
] as const;

function totals(stats: StatsView): Html {
  const cells = totalCells(stats);
  return html`<ul class="totals">${TOTALS.map(
    ([name, label]) => html`<li><span class="total-label">${label}</span>
      <strong>${cellOf(cells[name] ?? { text: '–' }, name)}</strong></li>`,
  )}</ul>`;
}

function hour(stats: StatsView): Html {
  return html`<div class="plots" data-plots="${JSON.stringify(plotData(stats))}">${PLOTS.map(
    ([name, label]) => html`<figure class="card plot">
      <figcaption>${label}</figcaption>
      <div class="plot-area" data-plot="${name}" role="img"
        aria-label="${label} over the last hour; the table below has the same figures"></div>
    </figure>`,
  )}</div>
  <details class="figures"><summary>The last hour in a table</summary>
    ${hourTable(stats)}</details>`;
}

/** Slots that one row of the table sums up. */
const SLOTS_PER_ROW = 10;

function hourTable({ slots }: StatsView): Html {
  const rows = Array.from({ length: Math.ceil(slots.length / SLOTS_PER_ROW) }, (_, i) => {
    const part = slots.slice(i * SLOTS_PER_ROW, (i + 1) * SLOTS_PER_ROW);
    const sum = (value: (slot: StatsView['slots'][number]) => number): number =>
      part.reduce((total, slot) => total + value(slot), 0);
    const slowest = Math.max(...part.map(({ latencyMs }) => latencyMs?.p95 ?? 0));
    return [
      localTime(part[0]?.at),
      sum(({ requests }) => requests),
      sum(({ outcomes }) => outcomes.read),
      sum(({ outcomes }) => outcomes.applied + outcomes.noop),
      sum(({ outcomes }) => outcomes.rejected + outcomes.refused + outcomes.readFailed),
      sum(({ outcomes }) => outcomes.partial + outcomes.unknown),
      sum(({ losses, unconfirmed }) => losses + unconfirmed),
      slowest === 0 ? '–' : `${slowest} ms`,
    ];
  });
  const labels = ['Requests', 'Reads', 'Written', 'Failed', 'Uncertain', 'Losses', 'Highest 95 %'];
  const numbers = labels.map((label) => ({ label, isNumber: true }));
  return dataTable('The last hour', [{ label: 'From' }, ...numbers], rows);
}

const ROW_CELLS = [
  'health',
  'recent',
  'mode',
  'breaker',
  'credentials',
  'load',
  'queued',
] as const satisfies readonly (typeof TARGET_CELLS)[number][];

function targetTable(targets: readonly TargetView[]): Html {
  if (targets.length === 0) return emptyState('No targets', 'Add one to the configuration.');
  const columns = [
    { label: 'Target' },
    ...['Health', 'Failed', 'Mode', 'Breaker', 'Credentials'].map((label) => ({ label })),
    { label: 'In flight', isNumber: true },
    { label: 'Queued', isNumber: true },
    { label: 'Last failure' },
  ];
  const rows = targets.map((view) => {
    const cells = targetCells(view);
    const live = ROW_CELLS.map((name) => cellOf(cells[name], targetCellName(view.target, name)));
    const { target, vendor } = view;
    return [html`${targetLink(target)}${smallLine(vendor)}`, ...live, lastFailure(view)];
  });
  return dataTable('Targets', columns, rows);
}

function lastFailure({ lastFailure: failure }: TargetView): Html {
  if (failure === undefined) return html`<span class="muted">none</span>`;
  return html`<code>${failure.code}</code>${smallLine(localTime(failure.at))}`;
}
