import { expect, test } from 'vitest';
import { withoutStepsBack } from '../../../src/state/clock.ts';

test('a clock that is set back goes on from where it was', () => {
  const read = [1_000, 1_500, 500, 600, 600, 100, 5_000];
  const clockMs = withoutStepsBack(() => read.shift() ?? 0);
  expect(Array.from({ length: 7 }, clockMs)).toEqual([
    1_000, 1_500, 1_500, 1_600, 1_600, 1_600, 6_500,
  ]);
});
