import { Counter, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../src/node/telemetry/prometheus.ts';
import {
  createCounter,
  createHistogram,
  REQUEST_SECONDS,
} from '../../../src/node/telemetry/prometheus-series.ts';

const CALLS = 5_000;
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SECONDS = [0, ...BUCKETS_SECONDS, 0.0049, 0.007, 0.3, 29.999, 30.001, 900, -1];
/** Some must be escaped, some would be one text if they were only joined. */
const VALUES = ['', 'a', 'ab', 'b', 'a"b', 'a\\b', 'a\nb', 'constructor', '__proto__', 'a,b', '1'];

/** The same calls of prom-client's own metrics and of ours; the texts of both registries. */
async function textsOf(calls: readonly { values: [string, string]; seconds: number }[]) {
  const labelNames = ['to', 'by'];
  const counted = { name: 'things_total', help: 'Things \\ done.', labelNames };
  const timed = { name: 'thing_duration_seconds', help: 'Time of things.', labelNames };
  const theirs = new Registry();
  const registers = [theirs];
  const counter = new Counter({ ...counted, registers });
  const histogram = new Histogram({ ...timed, buckets: BUCKETS_SECONDS, registers });
  const ours = new Registry();
  const count = createCounter(ours, counted);
  const observe = createHistogram(ours, timed, REQUEST_SECONDS);
  for (const { seconds, values } of calls) {
    const [to, by] = values;
    counter.inc({ to, by });
    histogram.observe({ to, by }, seconds);
    count(values);
    observe(values, seconds);
  }
  return { expected: await theirs.metrics(), given: await ours.metrics() };
}

test('the text is the one that prom-client writes of its own metrics', async () => {
  const pick = <T>(list: readonly T[], otherwise: T): T =>
    list[Math.floor(Math.random() * list.length)] ?? otherwise;
  const calls = Array.from({ length: CALLS }, () => ({
    values: [pick(VALUES, ''), pick(VALUES, '')] satisfies [string, string],
    seconds: pick(SECONDS, 0) + pick([0, Math.random()], 0),
  }));
  const { expected, given } = await textsOf(calls);
  expect(given).toBe(expected);
  expect(given.split('\n').length).toBeGreaterThan(VALUES.length ** 2 * 15);
});

test('before anything is counted there are the names alone', async () => {
  const { expected, given } = await textsOf([]);
  expect(given).toBe(expected);
});

test('the text can be asked for again and again', async () => {
  const registry = new Registry();
  const labelNames = ['to'];
  const count = createCounter(registry, { name: 'things_total', help: 'Things.', labelNames });
  const texts: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    count(['a']);
    texts.push(await registry.metrics());
  }
  expect(texts.map((text) => text.split('\n').at(-2))).toEqual([
    'things_total{to="a"} 1',
    'things_total{to="a"} 2',
    'things_total{to="a"} 3',
  ]);
});

test('requests and steps: in seconds, and under one label beyond the bound of targets', async () => {
  const { exposition, request, step } = createMetrics();
  const vendor = 'v';
  const ended = { route: '/profiles/:id', method: 'GET', vendor, outcome: 'none', code: 'none' };
  for (let i = 0; i < 5_003; i += 1) {
    const target = `target-${i}`;
    step({ target, vendor, step: 'read', status: '2xx', durationMs: 20 });
    request({ ...ended, target, durationMs: 2_000 });
  }
  const lines = (await exposition()).split('\n');
  const startingWith = (text: string) => lines.filter((line) => line.startsWith(text));
  expect(startingWith('profile_gateway_requests_total{')).toHaveLength(5_001);
  expect(startingWith('profile_gateway_upstream_requests_total{')).toHaveLength(5_001);
  expect(startingWith('profile_gateway_upstream_duration_seconds_count{')).toHaveLength(5_001);
  const other = 'target="other",vendor="v"';
  const whole = 'route="/profiles/:id",method="GET"';
  for (const line of [
    `profile_gateway_requests_total{${whole},${other},outcome="none",code="none"} 3`,
    `profile_gateway_upstream_requests_total{${other},step="read",status="2xx"} 3`,
    `profile_gateway_upstream_duration_seconds_sum{target="other",step="read"} 0.06`,
    `profile_gateway_upstream_duration_seconds_bucket{le="0.01",target="other",step="read"} 0`,
    `profile_gateway_upstream_duration_seconds_bucket{le="0.025",target="other",step="read"} 3`,
    `profile_gateway_request_duration_seconds_sum{${whole}} 10006`,
    `profile_gateway_request_duration_seconds_bucket{le="1",${whole}} 0`,
    `profile_gateway_request_duration_seconds_bucket{le="2.5",${whole}} 5003`,
  ]) {
    expect(lines).toContain(line);
  }
});
