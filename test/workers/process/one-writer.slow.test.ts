import { expect, test } from 'vitest';
import { count } from '../../support/counts.ts';
import { BINDING, PARALLEL, patchByTwo, SHARED } from './two-workers.ts';

const ROUNDS = count(50, 500);

test(`two Workers of one namespace lose no update in ${ROUNDS} rounds`, async () => {
  expect(await patchByTwo(SHARED, ROUNDS)).toEqual({ applied: PARALLEL * ROUNDS, lost: 0 });
}, 300_000);

test('two Workers with objects of their own do lose updates', async () => {
  const { lost } = await patchByTwo(BINDING, 20);
  expect(lost).toBeGreaterThan(0);
}, 60_000);
