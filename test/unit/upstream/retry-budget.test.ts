import { expect, test } from 'vitest';
import { RETRY_WAIT_MS } from '../../../src/limits.ts';
import {
  createRetryBudget,
  RETRIES_SAVED_MAX,
  RETRY_SHARE,
  retryWaitMs,
} from '../../../src/upstream/retry-budget.ts';

test('repeats are a share of the requests once what was saved is used up', () => {
  const budget = createRetryBudget();
  const spendAll = (): number => {
    let spent = 0;
    while (budget.tryWithdraw()) spent += 1;
    return spent;
  };
  expect(spendAll()).toBe(RETRIES_SAVED_MAX);
  for (let i = 0; i < 20; i += 1) budget.deposit();
  const spent = spendAll();
  expect(spent).toBeGreaterThanOrEqual(20 * RETRY_SHARE - 1);
  expect(spent).toBeLessThanOrEqual(20 * RETRY_SHARE);
  for (let i = 0; i < 10_000; i += 1) budget.deposit();
  expect(spendAll()).toBe(RETRIES_SAVED_MAX);
});

test.each([
  [1, 0, 0],
  [1, 0.5, RETRY_WAIT_MS / 2],
  [2, 0.5, RETRY_WAIT_MS],
  [3, 0.999, 0.999 * 4 * RETRY_WAIT_MS],
])(
  'the wait before repeat %i is random below a ceiling that doubles',
  (attempt, random, waitMs) => {
    expect(retryWaitMs(attempt, () => random)).toBeCloseTo(waitMs);
  },
);
