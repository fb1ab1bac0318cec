import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/node/telemetry/prometheus.ts';
import { ROOT } from '../support/child.ts';
import { temporaryFolder } from './commands.ts';

/** Alert rules and dashboard of docs/examples/replicas against promtool and the gateway's series. */

const FOLDER = join(ROOT, 'docs/examples/replicas');
const textOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const promtool = process.env.PROMTOOL ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;
if (!hasPromtool && process.env.SKIP_REASONS) {
  const reason = 'alert rules: skipped (no promtool here: apt-get install prometheus)';
  appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
}

type Rules = { groups: { rules: { alert: string; expr: string }[] }[] };
type Panels = { panels: { id: number; targets: { expr: string }[] }[] };

const rules = (parse(textOf('alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(textOf('dashboard.json')) as Panels;
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

/** Names of series in an expression. */
function seriesIn(expression: string): string[] {
  return expression.match(/\b(?:profile_gateway|nodejs|process)_\w+/g) ?? [];
}

/** Names of all series of a gateway with a state, whose recoveries have begun. */
async function seriesOfGateway(): Promise<Set<string>> {
  const text = await createdMetrics().exposition();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

function createdMetrics() {
  const meter = createMetrics();
  meter.state();
  return meter;
}

test('every series of rules and dashboard is one of the gateway', async () => {
  const known = await seriesOfGateway();
  const named = expressions.flatMap(seriesIn);
  expect(new Set(named).size).toBeGreaterThanOrEqual(10);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('every expression names a series, and every panel has its place', () => {
  expect(expressions.filter((expression) => seriesIn(expression).length === 0)).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});

test('every series of the state that tells of trouble has a rule', async () => {
  const alerted = new Set(rules.flatMap(({ expr }) => seriesIn(expr)));
  const known = [...(await seriesOfGateway())].filter((name) =>
    /_state_(?!seconds|batch)/.test(name),
  );
  const quiet = ['replicas', 'leases'].map((name) => `profile_gateway_state_${name}`);
  expect(known.filter((name) => !alerted.has(name)).toSorted()).toEqual(
    ['profile_gateway_circuit_breaker_state', ...quiet]
      .filter((name) => known.includes(name))
      .toSorted(),
  );
});

test.skipIf(!hasPromtool)('promtool accepts the rules, and their tests hold', () => {
  const run = (...args: string[]): string =>
    execFileSync(promtool, args, { cwd: FOLDER, encoding: 'utf8' });
  expect(run('check', 'rules', 'alerts.yaml')).toContain(`${rules.length} rules found`);
  expect(run('test', 'rules', 'alerts.test.yaml')).toContain('SUCCESS');
});

test.skipIf(!hasPromtool)('promtool accepts the expressions of the dashboard', () => {
  const { panels: all } = JSON.parse(textOf('dashboard.json').replaceAll('$__rate_interval', '5m'));
  const group = {
    name: 'dashboard',
    rules: (all as Panels['panels']).flatMap(({ id, targets }) =>
      targets.map(({ expr }, i) => ({ record: `panel_${id}_${i}`, expr })),
    ),
  };
  const { path, remove } = temporaryFolder();
  onTestFinished(remove);
  const file = join(path, 'dashboard.json');
  writeFileSync(file, JSON.stringify({ groups: [group] }));
  const { stderr, stdout } = spawnSync(promtool, ['check', 'rules', file], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({
    stdout: expect.stringContaining(`SUCCESS: ${group.rules.length} rules found`),
    stderr: '',
  });
});
