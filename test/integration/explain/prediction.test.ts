import { test } from 'vitest';
import { count, readSeed } from '../../support/counts.ts';
import { expectPrediction } from './prediction.ts';

const seed = readSeed();

test(`a patch does what its explanation predicts: SEED=${seed}`, async () => {
  for (let number = 0; number < count(200, 2_000); number += 1) {
    await expectPrediction(seed + number);
  }
});
