import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { createMetrics } from '../../../src/node/telemetry/prometheus.ts';
import { fieldLabels, METRICS_TYPE } from '../../../src/telemetry/metrics.ts';
import { call, patch, read } from '../../support/client.ts';
import { type RunningGateway, startGateway, withGateway } from '../../support/gateway.ts';
import { IAM, NAVER, NERM, nermTarget, SENLIN, upstreamIdOf } from '../../support/profiles.ts';

/** Most random ids and targets that must not show in any label. */
const RANDOM_IDS = 10_000;

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    targets: { dead: () => nermTarget()('http://127.0.0.1:9') },
    signals: { meter: createMetrics() },
  });
});
afterAll(() => gateway.stop());

async function exposed(): Promise<string> {
  const answer = await call(gateway.origin, '/metrics');
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': METRICS_TYPE } });
  return answer.text;
}

/** Every series of the gateway's own metrics, with its value. */
async function series(): Promise<Map<string, number>> {
  const lines = (await exposed()).split('\n').filter((line) => line.startsWith('profile_gateway_'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function totalOf(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const found = [...(await series())].filter(
    ([line]) =>
      line.startsWith(`${name}{`) &&
      Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)),
  );
  return found.reduce((sum, [, value]) => sum + value, 0);
}

/** What `act` adds to a series. */
async function added(
  name: string,
  labels: Readonly<Record<string, string>>,
  act: () => Promise<unknown>,
): Promise<number> {
  const before = await totalOf(name, labels);
  await act();
  return (await totalOf(name, labels)) - before;
}

const lenient = { prefer: 'handling=lenient' };

describe('what is counted', () => {
  it.each<[string, string, Record<string, string>, () => Promise<unknown>]>([
    [
      'a write, by its outcome',
      'profile_gateway_requests_total',
      {
        route: '/profiles/:id',
        method: 'PATCH',
        target: 'nerm-demo',
        vendor: 'nerm',
        outcome: 'applied',
        code: 'none',
      },
      () => patch(gateway.origin, NERM, { name: 'counted' }),
    ],
    [
      'a refusal, by its code',
      'profile_gateway_requests_total',
      { target: 'senlin-demo', outcome: 'rejected', code: 'unsupported_patch' },
      () => patch(gateway.origin, SENLIN, { status: 'active' }),
    ],
    [
      'a target that there is not',
      'profile_gateway_requests_total',
      { target: 'none', vendor: 'none', code: 'unknown_target' },
      () => read(gateway.origin, 'nobody:1'),
    ],
    [
      'a path that there is not',
      'profile_gateway_requests_total',
      { route: 'other', method: 'GET', code: 'not_found' },
      () => call(gateway.origin, '/wp-admin/x.php'),
    ],
    [
      'a method that there is not',
      'profile_gateway_requests_total',
      { route: '/profiles/:id', method: 'other', code: 'method_not_allowed' },
      () => call(gateway.origin, `/profiles/${NERM}`, { method: 'LOCK' }),
    ],
    [
      'a request to a vendor, by the class of its status',
      'profile_gateway_upstream_requests_total',
      { target: 'nerm-demo', vendor: 'nerm', step: 'read', status: '2xx' },
      () => read(gateway.origin, NERM),
    ],
    [
      'the time it took',
      'profile_gateway_upstream_duration_seconds_count',
      { target: 'nerm-demo', step: 'read' },
      () => read(gateway.origin, NERM),
    ],
    [
      'the time of a request',
      'profile_gateway_request_duration_seconds_count',
      { route: '/healthz' },
      () => call(gateway.origin, '/healthz'),
    ],
    [
      'a token',
      'profile_gateway_token_requests_total',
      { target: 'iam-demo', result: 'ok' },
      () => read(gateway.origin, IAM),
    ],
    [
      'a loss, by its field',
      'profile_gateway_field_losses_total',
      { target: 'nerm-demo', field: '/description' },
      () => patch(gateway.origin, NERM, { description: 'x', name: 'y' }, lenient),
    ],
    [
      'losses inside a field',
      'profile_gateway_field_losses_total',
      { target: 'naver-demo', field: '/attributes/*' },
      () => patch(gateway.origin, NAVER, { description: 'x', attributes: { a: 1 } }, lenient),
    ],
    [
      'a field that is not shown',
      'profile_gateway_field_unconfirmed_total',
      { target: 'nerm-demo', field: '/extensions/nerm/archived' },
      () => patch(gateway.origin, NERM, { extensions: { nerm: { archived: true } } }),
    ],
  ])('%s', async (_, name, labels, act) => {
    expect(await added(name, labels, act)).toBe(1);
  });

  it('no answer, and what is sent again', async () => {
    const id = `dead:${upstreamIdOf(NERM)}`;
    const before = await totalOf('profile_gateway_upstream_retries_total', { target: 'dead' });
    const failed = { target: 'dead', step: 'read', status: 'connect' };
    expect(
      await added('profile_gateway_upstream_requests_total', failed, () =>
        read(gateway.origin, id),
      ),
    ).toBe(3);
    const retries = await totalOf('profile_gateway_upstream_retries_total', { target: 'dead' });
    expect(retries - before).toBe(2);
  });

  it('the process, and how long its event loop lags', async () => {
    const text = await exposed();
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) {
      expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, 'm'));
    }
  });
});

test('as many series as before, after requests to ten thousand ids and targets', async () => {
  const random = (): string => Math.random().toString(36).slice(2);
  const ids = (i: number): string =>
    ['nerm-demo:', `${random()}:`, 'senlin-demo:', ''][i % 4] + random();
  const ask = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i += 1) {
      const path = [`/capabilities/${random()}`, `/${random()}`][i % 5] ?? `/profiles/${ids(i)}`;
      await fetch(`${gateway.origin}${path}`).then((answer) => answer.arrayBuffer());
    }
  };
  await ask(0, 100);
  const before = [...(await series()).keys()];
  const lanes = Array.from({ length: 8 }, (_, lane) =>
    ask((lane * RANDOM_IDS) / 8, ((lane + 1) * RANDOM_IDS) / 8),
  );
  await Promise.all(lanes);
  expect([...(await series()).keys()].toSorted()).toEqual(before.toSorted());
  const all = await totalOf('profile_gateway_requests_total', { method: 'GET' });
  expect(all).toBeGreaterThan(RANDOM_IDS);
});

test('targets beyond the bound share one label', async () => {
  const meter = createMetrics();
  for (let i = 0; i < 5_100; i += 1) meter.retry(`target-${i}`, 'read');
  const text = await meter.exposition();
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('profile_gateway_upstream_retries_total'));
  expect(lines).toHaveLength(5_001);
  expect(lines.at(-1)).toBe(
    'profile_gateway_upstream_retries_total{target="other",step="read"} 100',
  );
});

describe('pointers as labels', () => {
  const label = fieldLabels(adapters);

  it.each([
    ['/name', '/name'],
    ['/attributes', '/attributes'],
    ['/attributes/owner', '/attributes/*'],
    ['/attributes/a~1b/c', '/attributes/*'],
    ['/extensions/naver/durationSeconds', '/extensions/naver/durationSeconds'],
    ['/extensions/iam/extra/a', '/extensions/iam/extra/*'],
    ['/extensions/iam/nothing', 'other'],
    ['/extensions', 'other'],
    ['/nothing/name', 'other'],
    ['', 'other'],
    ['name', 'other'],
  ])('%s: %s', (pointer, expected) => {
    expect(label(pointer)).toBe(expected);
  });

  it('are as many as there are fields, whatever the pointers are', () => {
    const seen = new Set<string>();
    for (let i = 0; i < RANDOM_IDS; i += 1) {
      const key = Math.random().toString(36).slice(2);
      seen.add(label(`/attributes/${key}`)).add(label(`/extensions/nerm/${key}`));
      seen.add(label(`/${key}`)).add(label(`/name/${key}/x`));
    }
    expect([...seen].toSorted()).toEqual(['/attributes/*', '/name/*', 'other']);
  });
});

test('a breaker is in one state, and a queue as long as was last told', async () => {
  const meter = createMetrics();
  meter.circuitBreaker('a', 'closed');
  meter.circuitBreaker('a', 'open');
  meter.load('a', 3, 7);
  const text = await meter.exposition();
  expect(text).toContain('profile_gateway_circuit_breaker_state{target="a",state="closed"} 0');
  expect(text).toContain('profile_gateway_circuit_breaker_state{target="a",state="open"} 1');
  expect(text).toContain('profile_gateway_circuit_breaker_state{target="a",state="half_open"} 0');
  expect(text).toContain('profile_gateway_upstream_requests_in_flight{target="a"} 3');
  expect(text).toContain('profile_gateway_upstream_requests_queued{target="a"} 7');
});

test('where there are callers it takes the scope admin:read', async () => {
  const callers = {
    operator: { key: 'key-of-the-operator-1', scopes: ['admin'] },
    scraper: { key: 'key-of-the-scraper-01', scopes: ['admin:read'] },
    portal: { key: 'key-of-the-portal-0001', scopes: ['profiles:read'] },
  };
  await withGateway({ callers, signals: { meter: createMetrics() } }, async ({ origin }) => {
    const status = async (key?: string): Promise<number> => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
      return (await call(origin, '/metrics', { headers })).status;
    };
    expect(await status()).toBe(401);
    expect(await status(callers.portal.key)).toBe(403);
    expect(await status(callers.operator.key)).toBe(200);
    expect(await status(callers.scraper.key)).toBe(200);
  });
});

test('where nothing is counted there is no such path', async () => {
  await withGateway({}, async ({ origin }) => {
    expect((await call(origin, '/metrics')).json.code).toBe('not_found');
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
if (!hasPromtool) console.warn('skipped: promtool is not installed: apt-get install prometheus');

test.skipIf(!hasPromtool)("Prometheus' own tool finds nothing wrong with it", async () => {
  await patch(gateway.origin, NERM, { description: 'x', name: 'z' }, lenient);
  await read(gateway.origin, IAM);
  const check = (input: string): string =>
    execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8', stdio: 'pipe' });
  expect(check(await exposed())).toBe('');
  const counted = await createMetricsWithAll();
  expect(check(counted)).toBe('');
  expect(() => check('profile_gateway_requests 1\n')).toThrow();
});

/** The text with at least one series of each metric. */
async function createMetricsWithAll(): Promise<string> {
  const meter = createMetrics();
  meter.retry('a', 'write');
  meter.tokenRequest('a', 'failed');
  meter.unconfirmed('a', '/name');
  meter.circuitBreaker('a', 'half_open');
  meter.load('a', 0, 0);
  meter.state().statement('begin', 1, 1);
  meter.state().recovered('unknown');
  return meter.exposition();
}
