import { expect, test } from 'vitest';
import { vendorFault } from '../../../src/adapter-kit/index.ts';

const DATE = 'Tue, 05 May 2026 12:00:00 GMT';

test.each<[string, number | undefined]>([
  ['7', 7],
  ['0', 0],
  ['45.5', 46],
  ['32.1', 33],
  ['999999999', 86_400],
  ['Tue, 05 May 2026 12:00:45 GMT', 45],
  ['Tue, 05 May 2026 11:59:00 GMT', undefined],
  ['Tue, 05 May 2099 12:00:00 GMT', 86_400],
  ['-3', undefined],
  ['60s', undefined],
  ['2027', 2027],
  ['May 2027', undefined],
  ['1e3', undefined],
  ['', undefined],
  ['99999999999', undefined],
])('Retry-After: %s', (value, seconds) => {
  const headers = { 'retry-after': value, date: DATE };
  const fault = vendorFault('target_rate_limited', { status: 429, headers, body: '' });
  expect(fault.retryAfterSeconds).toBe(seconds);
});
