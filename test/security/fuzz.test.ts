import { expect } from 'vitest';
import { describeFuzz } from './fuzz-run.ts';

const REQUESTS = 1_000;

describeFuzz(REQUESTS, (ends) => {
  expect(ends.get('200') ?? 0).toBeGreaterThan(REQUESTS / 50);
});
