import { describe, expect, test } from 'vitest';
import { knownDifferences, problems } from './differences.ts';
import { aloneSenlin, replayLifecycleAtSandboxes, replayLifecycleReal } from './lifecycle.ts';
import type { Replayed } from './replay.ts';
import { realServers } from './targets.ts';

/** Answers that were recorded of the real servers, numbered from 1. */
const RECORDS = 48;
const REPLAY_TIMEOUT_MS = 300_000;

const records = (replayed: readonly Replayed[]) => replayed.flatMap(({ record }) => record ?? []);
const allRecords = Array.from({ length: RECORDS }, (_, i) => i + 1);

test('the sandboxes list, create and delete as the real servers did', async () => {
  const replayed = await replayLifecycleAtSandboxes();
  expect(problems(replayed, knownDifferences(replayed))).toEqual([]);
  expect(records(replayed).toSorted((a, b) => a - b)).toEqual(allRecords);
}, 60_000);

const servers = realServers(process.env);
const alone = aloneSenlin(process.env);

describe.skipIf(servers === undefined)('real Keystone and Senlin', () => {
  test(
    'list, create and delete as recorded',
    async () => {
      if (alone === undefined) throw new Error('no Senlin of its own: test/live/up.sh starts one');
      const replayed = await replayLifecycleReal(servers ?? {}, alone);
      expect(problems(replayed, [])).toEqual([]);
      expect(records(replayed).toSorted((a, b) => a - b)).toEqual(allRecords);
    },
    REPLAY_TIMEOUT_MS,
  );
});
