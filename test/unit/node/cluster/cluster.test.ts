import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { type Channel, openChannel } from '../../../../src/node/cluster/channel.ts';
import { createKeyShare } from '../../../../src/node/cluster/key-share.ts';
import { createMetricsOfAll } from '../../../../src/node/cluster/metrics-of-all.ts';
import {
  createCounter,
  createHistogram,
} from '../../../../src/node/telemetry/prometheus-series.ts';
import { seriesOf } from '../../../../src/node/telemetry/shared-series.ts';
import { type Handler, pair, worker } from './channels.ts';

describe('a channel', () => {
  test('answers questions by their number, in whatever order', async () => {
    const first = Promise.withResolvers<string>();
    const { near } = pair(
      new Map(),
      new Map<string, Handler>([
        ['slow', () => first.promise],
        ['quick', (body) => body],
      ]),
    );
    const slow = near.ask('slow');
    expect(await near.ask('quick', { a: 1 })).toEqual({ a: 1 });
    first.resolve('late');
    expect(await slow).toBe('late');
  });

  test('waits for its time only, for nobody, and not for one that fails', async () => {
    const failing = new Map<string, Handler>([['fails', () => Promise.reject(new Error('no'))]]);
    const { near } = pair(new Map(), failing);
    expect(await near.ask('fails')).toBeUndefined();
    expect(await near.ask('nobody')).toBeUndefined();
    const never = openChannel(() => {}, new Map());
    expect(await never.ask('anything', undefined, 20)).toBeUndefined();
    const waiting = never.ask('anything', undefined, 60_000);
    never.close();
    expect(await waiting).toBeUndefined();
    never.take('not a message');
  });
});

describe('the metrics of all workers', () => {
  function metered() {
    const registry = new Registry();
    const about = { help: 'of a test', registers: [registry] };
    const labelNames = ['route', 'code'];
    return {
      registry,
      count: createCounter(registry, { name: 'counted_total', help: 'of a test', labelNames }),
      time: createHistogram(registry, { name: 'seconds', help: 'of a test', labelNames }, [1, 2]),
      plain: new Counter({ name: 'plain_total', ...about }),
      open: new Gauge({ name: 'open', ...about }),
      up: new Gauge({ name: 'profile_gateway_state_up', ...about }),
    };
  }

  test('are sums by label, or the worst, and what has ended still counts', async () => {
    const all = [metered(), metered()];
    const channels = all.map(
      ({ registry }) => worker({ series: () => seriesOf(registry) }).channel,
    );
    const live = [...channels];
    const metrics = createMetricsOfAll(() => live);
    for (const [index, { count, open, plain, time, up }] of all.entries()) {
      count(['a', '200']);
      count(['b', `${index}`]);
      time(['a', '200'], 1.5);
      plain.inc(2);
      open.set(3);
      up.set(index);
    }
    const lines = async (): Promise<string[]> => (await metrics.exposition()).split('\n');
    const before = await lines();
    const counted = [
      'counted_total{route="a",code="200"} 2',
      'counted_total{route="b",code="0"} 1',
      'counted_total{route="b",code="1"} 1',
      'seconds_bucket{le="1",route="a",code="200"} 0',
      'seconds_bucket{le="2",route="a",code="200"} 2',
      'seconds_bucket{le="+Inf",route="a",code="200"} 2',
      'seconds_sum{route="a",code="200"} 3',
      'plain_total 4',
    ];
    expect(before).toEqual(expect.arrayContaining(counted));
    expect(before).toEqual(expect.arrayContaining(['open 6', 'profile_gateway_state_up 0']));

    live.shift();
    await metrics.forget(channels[0] as Channel);
    const after = await lines();
    expect(after).toEqual(expect.arrayContaining(counted));
    expect(after).toEqual(expect.arrayContaining(['open 3', 'profile_gateway_state_up 1']));
  });

  test('count a worker that does not answer as it was last seen', async () => {
    const { plain, registry } = metered();
    plain.inc(5);
    let isSilent = false;
    const series = () => (isSilent ? undefined : seriesOf(registry));
    const { channel } = worker({ series });
    const metrics = createMetricsOfAll(() => [channel]);
    expect(await metrics.exposition()).toContain('plain_total 5\n');
    plain.inc(1);
    isSilent = true;
    expect(await metrics.exposition()).toContain('plain_total 5\n');
  });
});

test('keys that a worker has fetched come to the others, and to those that begin later', () => {
  const [one, two, three] = [worker({}), worker({}), worker({})];
  const share = createKeyShare(() => [one.channel, two.channel]);
  share.take({ url: 'https://issuer.example.com/keys', text: '{}' }, one.channel);
  share.take('no keys', one.channel);
  expect(one.told).toEqual([]);
  expect(two.told).toEqual([
    ['keys', { url: 'https://issuer.example.com/keys', text: '{}', ageMs: 0 }],
  ]);
  share.giveTo(three.channel);
  expect(three.told).toEqual([
    ['keys', { url: 'https://issuer.example.com/keys', text: '{}', ageMs: expect.any(Number) }],
  ]);
});
