import { expect, test } from 'vitest';
import { PRUNE_BEATS, PRUNE_ROWS_MAX, PRUNINGS_PER_BEAT_MAX } from '../../../src/limits.ts';
import { createPruneStep } from '../../../src/state/replica/pruning.ts';

const RETENTION = { receiptMs: 1, answerMs: 1, idleMs: 1 };

/** A step over `rows` that have served their time, and the prunings that it asks for. */
function stepOver(rows: { left: number }) {
  const asked = { count: 0 };
  const step = createPruneStep(
    {
      prune: async (_, max) => {
        asked.count += 1;
        const went = Math.min(max, rows.left);
        rows.left -= went;
        return went;
      },
    },
    RETENTION,
  );
  return { step, asked };
}

async function beats(step: () => Promise<void>, count: number): Promise<void> {
  for (let beat = 0; beat < count; beat += 1) await step();
}

test('looks every so many beats where there is little', async () => {
  const { asked, step } = stepOver({ left: PRUNE_ROWS_MAX - 1 });
  await beats(step, PRUNE_BEATS - 1);
  expect(asked.count).toBe(0);
  await beats(step, 1 + PRUNE_BEATS);
  expect(asked.count).toBe(2);
});

test('goes on at the next beat until nothing is left, some batches at each', async () => {
  const rows = { left: 2.5 * PRUNINGS_PER_BEAT_MAX * PRUNE_ROWS_MAX };
  const { asked, step } = stepOver(rows);
  await beats(step, PRUNE_BEATS);
  expect(asked.count).toBe(PRUNINGS_PER_BEAT_MAX);
  await beats(step, 2);
  expect(rows.left).toBe(0);
  const enough = asked.count;
  await beats(step, PRUNE_BEATS - 1);
  expect(asked.count).toBe(enough);
});

test('runs once at a time, and goes on after a failure', async () => {
  let count = 0;
  let fail: (error: Error) => void = () => {};
  const failing = new Promise<number>((_, reject) => {
    fail = reject;
  });
  const step = createPruneStep(
    { prune: () => (++count === 1 ? failing : Promise.resolve(0)) },
    RETENTION,
  );
  await beats(step, PRUNE_BEATS - 1);
  const first = step();
  await beats(step, 2 * PRUNE_BEATS);
  expect(count).toBe(1);
  fail(new Error('unreachable'));
  await expect(first).rejects.toThrow('unreachable');
  await beats(step, PRUNE_BEATS);
  expect(count).toBe(2);
});
