import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { meteredDatabase } from '../../../src/node/telemetry/metered-database.ts';
import { createMetrics } from '../../../src/node/telemetry/prometheus.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import type { Meter } from '../../../src/telemetry/metrics.ts';

/** The names of a meter's metrics, without those of the process. */
async function namesOf({ exposition }: Meter): Promise<string[]> {
  const names = [...(await exposition()).matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
  return names.filter((name) => !/^(?:process|nodejs)_/.test(name)).toSorted();
}

test('the gateway has these metrics, and all others are those of the process', async () => {
  expect(await namesOf(createMetrics())).toEqual([
    'profile_gateway_build_info',
    'profile_gateway_circuit_breaker_state',
    'profile_gateway_field_losses_total',
    'profile_gateway_field_unconfirmed_total',
    'profile_gateway_request_duration_seconds',
    'profile_gateway_requests_total',
    'profile_gateway_token_requests_total',
    'profile_gateway_upstream_duration_seconds',
    'profile_gateway_upstream_requests_in_flight',
    'profile_gateway_upstream_requests_queued',
    'profile_gateway_upstream_requests_total',
    'profile_gateway_upstream_retries_total',
  ]);
});

test('the version of the package is a label', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await createMetrics().exposition()).toContain(
    `profile_gateway_build_info{version="${version}"} 1\n`,
  );
});

describe('a shared state', () => {
  test('has metrics once it is used, and none before', async () => {
    const meter = createMetrics();
    const before = await namesOf(meter);
    meter.state();
    const added = (await namesOf(meter)).filter((name) => !before.includes(name));
    expect(added).toEqual(
      [
        'batch_size',
        'ending',
        'fenced_total',
        'in_doubt',
        'lease_dead_rows',
        'leases',
        'recovered_total',
        'replicas',
        'seconds',
        'sent_late_total',
        'up',
      ].map((name) => `profile_gateway_state_${name}`),
    );
    meter.state();
    expect(await namesOf(meter)).toEqual([...before, ...added].toSorted());
  });

  test('counts what happens to it', async () => {
    const meter = createMetrics();
    const { counts, fenced, load, recovered, statement } = meter.state();
    counts(7, undefined);
    statement('end', 0.3, 3);
    statement('beat', 40);
    recovered('applied');
    recovered('applied');
    fenced(false);
    fenced(true);
    load({ isReachable: true, replicas: 3, held: 5, ending: 2 });
    const text = await meter.exposition();
    for (const line of [
      'seconds_bucket{le="0.00025",statement="end"} 0',
      'seconds_bucket{le="0.0005",statement="end"} 1',
      'seconds_sum{statement="beat"} 0.04',
      'batch_size_bucket{le="2",statement="end"} 0',
      'batch_size_bucket{le="4",statement="end"} 1',
      'batch_size_sum{statement="end"} 3',
      'recovered_total{outcome="applied"} 2',
      'fenced_total 2',
      'sent_late_total 1',
      'up 1',
      'replicas 3',
      'leases 5',
      'in_doubt 7',
      'ending 2',
    ]) {
      expect(text).toContain(`profile_gateway_state_${line}\n`);
    }
    expect(text).not.toContain('batch_size_count{statement="beat"}');
    load({ isReachable: false, replicas: 1, held: 0, ending: 0 });
    expect(await meter.exposition()).toContain('profile_gateway_state_up 0\n');
  });

  test('is measured in the statements of writes, those that fail included', async () => {
    const seen: unknown[][] = [];
    let nowMs = 0;
    const calls: unknown[][] = [];
    const call =
      (name: string, ms: number) =>
      async (...given: unknown[]) => {
        calls.push([name, ...given]);
        nowMs += ms;
        if (name === 'amend') throw new Error('no answer');
        return [name];
      };
    const database = {
      lockScope: 'global',
      begin: call('begin', 1),
      amend: call('amend', 2),
      end: call('end', 3),
      beat: call('beat', 4),
      orphans: call('orphans', 5),
    } as unknown as StateDatabase;
    const statement = (...measure: unknown[]) => seen.push(measure);
    const metered = meteredDatabase(database, { statement }, () => nowMs);
    expect(await metered.begin(7, [])).toEqual(['begin']);
    await expect(metered.amend([{ key: '', fence: 1, writeId: '', intent: '' }])).rejects.toThrow(
      'no answer',
    );
    expect(await metered.end([])).toEqual(['end']);
    expect(await metered.beat(7)).toEqual(['beat']);
    expect(await metered.orphans(9)).toEqual(['orphans']);
    expect(metered.lockScope).toBe('global');
    expect(seen).toEqual([
      ['begin', 1, 0],
      ['amend', 2, 1],
      ['end', 3, 0],
      ['beat', 4, undefined],
    ]);
    expect(
      calls.map(([name, given]) => [name, given]).filter(([name]) => name !== 'amend'),
    ).toEqual([
      ['begin', 7],
      ['end', []],
      ['beat', 7],
      ['orphans', 9],
    ]);
  });
});
