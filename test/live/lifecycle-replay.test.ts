import { expect, test } from 'vitest';
import { problems } from './differences.ts';
import { replayLifecycle } from './targets.ts';

test('the sandboxes list, create and delete as the real servers did', async () => {
  const replayed = await replayLifecycle();
  expect(replayed.length).toBeGreaterThan(30);
  expect(problems(replayed, [])).toEqual([]);
}, 60_000);
