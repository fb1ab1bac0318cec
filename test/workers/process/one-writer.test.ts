import { expect, test } from 'vitest';
import { PARALLEL, patchByTwo, SHARED } from './two-workers.ts';

const ROUNDS = 10;

test(`two Workers of one namespace lose no update in ${ROUNDS} rounds`, async () => {
  expect(await patchByTwo(SHARED, ROUNDS)).toEqual({ applied: PARALLEL * ROUNDS, lost: 0 });
});
