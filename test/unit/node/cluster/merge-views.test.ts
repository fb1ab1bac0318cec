import { expect, test } from 'vitest';
import type { TargetView } from '../../../../src/http/routes/admin-view.ts';
import { mergeViews } from '../../../../src/node/cluster/merge-views.ts';

const VIEW: TargetView = {
  target: 'acme',
  vendor: 'acme-vendor',
  idNamespace: 'acme',
  mode: 'active',
  configuredMode: 'active',
  health: 'healthy',
  recent: { total: 4, failed: 1 },
  inFlight: { reads: 1, writes: 2 },
  queued: 3,
  circuitBreaker: 'closed',
  outcomes: { read: 1, readFailed: 0, applied: 5, noop: 0, rejected: 0, partial: 0, unknown: 1 },
  credentials: { coolingDown: false, retryAfterSeconds: 0 },
  retryBudget: { left: 10, max: 10 },
};

test('views of several processes are one: sums of counts, the gravest of states', () => {
  const grave: TargetView = {
    ...VIEW,
    mode: 'drained',
    drained: { since: '2026-01-01T00:00:00.000Z' },
    health: 'failing',
    circuitBreaker: 'open',
    lastFailure: { code: 'target_unavailable', at: '2026-01-02T00:00:00.000Z' },
    credentials: { coolingDown: true, retryAfterSeconds: 9 },
    retryBudget: { left: 2, max: 10 },
  };
  const earlier = { ...VIEW, lastFailure: { code: 'bad_answer', at: '2026-01-01T00:00:00.000Z' } };
  const another = { ...VIEW, target: 'another' };
  expect(mergeViews([VIEW], [[VIEW, another], [grave], [earlier]])).toEqual([
    {
      ...grave,
      recent: { total: 12, failed: 3 },
      inFlight: { reads: 3, writes: 6 },
      queued: 9,
      outcomes: { ...VIEW.outcomes, read: 3, applied: 15, unknown: 3 },
      retryBudget: { left: 22, max: 30 },
    },
  ]);
});

test('where no process has answered, the own view is shown', () => {
  expect(mergeViews([VIEW], [])).toEqual([VIEW]);
});
