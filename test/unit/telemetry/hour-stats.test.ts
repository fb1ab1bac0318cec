import { describe, expect, test } from 'vitest';
import { statsView } from '../../../src/http/routes/overview/stats.ts';
import { createHourStats, SLOT_MS, SLOTS } from '../../../src/telemetry/hour-stats.ts';
import type { RequestMeasure } from '../../../src/telemetry/metrics.ts';

const START_MS = Date.parse('2026-03-01T12:00:00Z');

function measure(more: Partial<RequestMeasure> = {}): RequestMeasure {
  const target = { target: 'acme', vendor: 'nerm' };
  const ended = { outcome: 'none', code: 'none', durationMs: 4 };
  return { route: '/profiles/:id', method: 'GET', ...target, ...ended, ...more };
}

function counting() {
  let nowMs = START_MS;
  const stats = createHourStats(() => nowMs);
  const view = () => statsView([{ process: 'host/1', slots: stats.read() }], nowMs);
  return { ...stats, view, pass: (ms: number) => (nowMs += ms) };
}

describe('what is counted', () => {
  test.each<[string, Partial<RequestMeasure>]>([
    ['read', {}],
    ['readFailed', { code: 'profile_not_found' }],
    ['applied', { method: 'PATCH', outcome: 'applied' }],
    ['noop', { method: 'PATCH', outcome: 'noop' }],
    ['rejected', { method: 'PATCH', outcome: 'rejected', code: 'rejected_by_target' }],
    ['partial', { method: 'PATCH', outcome: 'partial', code: 'partially_applied' }],
    ['unknown', { method: 'PATCH', outcome: 'unknown', code: 'outcome_unknown' }],
    ['refused', { method: 'PATCH', code: 'invalid_patch' }],
    ['explained', { method: 'POST', route: '/profiles/:id/explain' }],
    ['refused', { method: 'POST', route: '/profiles/:id/explain', code: 'invalid_patch' }],
  ])('%s', (outcome, given) => {
    const stats = counting();
    stats.request(measure(given));
    const { outcomes, requests } = stats.view().total;
    expect(requests).toBe(1);
    expect(Object.entries(outcomes).filter(([, count]) => count > 0)).toEqual([[outcome, 1]]);
  });

  test('requests about something else are not', () => {
    const stats = counting();
    stats.request(measure({ route: '/admin/targets' }));
    stats.request(measure({ route: 'other' }));
    stats.request(measure({ method: 'OPTIONS' }));
    stats.request(measure({ method: 'OPTIONS', route: '/profiles/:id/explain' }));
    expect(stats.view().total.requests).toBe(0);
    expect(stats.view().total.latencyMs).toBeUndefined();
  });

  test('losses and unconfirmed members', () => {
    const stats = counting();
    stats.loss();
    stats.loss();
    stats.unconfirmed();
    expect(stats.view().total).toMatchObject({ requests: 0, losses: 2, unconfirmed: 1 });
  });
});

describe('time', () => {
  test('a slot holds 30 s, and the hour the last 120 of them', () => {
    const stats = counting();
    stats.request(measure());
    stats.pass(SLOT_MS);
    stats.request(measure());
    stats.request(measure());
    const { slots, since } = stats.view();
    expect(slots).toHaveLength(SLOTS);
    expect(slots.slice(-2).map(({ requests }) => requests)).toEqual([1, 2]);
    expect(slots[0]?.at).toBe(since);
    stats.pass((SLOTS - 1) * SLOT_MS);
    expect(stats.view().total.requests).toBe(2);
    stats.pass(SLOT_MS);
    expect(stats.view().total.requests).toBe(0);
  });

  test('memory stays the same however long it counts', () => {
    const stats = counting();
    for (let i = 0; i < 10 * SLOTS; i += 1) {
      stats.request(measure());
      stats.pass(SLOT_MS);
    }
    expect(stats.read()).toHaveLength(SLOTS - 1);
    expect(stats.view().total.requests).toBe(SLOTS - 1);
  });
});

describe('latency', () => {
  test('quantiles are at most 41 % too high, and never too low', () => {
    const stats = counting();
    const durations = Array.from({ length: 1_000 }, (_, i) => 1 + i / 10);
    for (const durationMs of durations) stats.request(measure({ durationMs }));
    const { p50 = 0, p95 = 0, p99 = 0 } = stats.view().total.latencyMs ?? {};
    for (const [shown, exact] of [
      [p50, durations[499] ?? 0],
      [p95, durations[949] ?? 0],
      [p99, durations[989] ?? 0],
    ] as const) {
      expect(shown).toBeGreaterThanOrEqual(exact * 0.99);
      expect(shown).toBeLessThanOrEqual(exact * 1.42);
    }
  });

  test('one that is beyond all ranges stands in the last', () => {
    const stats = counting();
    stats.request(measure({ durationMs: 10 * 60_000 }));
    stats.request(measure({ durationMs: 0 }));
    expect(stats.view().total.latencyMs?.p99).toBeGreaterThan(20_000);
    expect(stats.view().total.latencyMs?.p50).toBe(0.5);
  });
});

test('several processes are added up, and each is named', () => {
  const [a, b] = [counting(), counting()];
  a.request(measure());
  b.request(measure({ method: 'PATCH', outcome: 'applied' }));
  const parts = [a, b].map(({ read }, i) => ({ process: `host/${i}`, slots: read() }));
  const { processes, total } = statsView(parts, START_MS);
  expect(processes).toEqual(['host/0', 'host/1']);
  expect(total).toMatchObject({ requests: 2, outcomes: { read: 1, applied: 1 } });
});
