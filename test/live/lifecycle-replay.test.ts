import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { knownDifferences, problems } from './differences.ts';
import {
  aloneSenlin,
  replayLifecycleAtSandboxes,
  replayLifecycleReal,
  stageOf,
} from './lifecycle.ts';
import { adminOf } from './live-gateway.ts';
import { startLiveProcess } from './live-process.ts';
import type { Replayed } from './replay.ts';
import { realServers } from './targets.ts';

/** Answers that were recorded of the real servers, numbered from 1. */
const RECORDS = 48;
const REPLAY_TIMEOUT_MS = 300_000;
const REPEATS_MAX = 120;
const REPEAT_MS = 500;

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

  test(
    'a create that goes on after a 500 is open, and found when Senlin has made the profile',
    async () => {
      if (alone === undefined) throw new Error('no Senlin of its own: test/live/up.sh starts one');
      const auth = adminOf(servers ?? {});
      const target = { vendor: 'senlin', baseUrl: alone.url, auth };
      const gateway = await startLiveProcess({ 'senlin-alone': target });
      const stage = stageOf(alone);
      const template = { heat_template_version: '2016-04-08' };
      const spec = { type: 'os.heat.stack', version: '1.0', properties: { template } };
      const name = `slow-${Date.now()}`;
      const wanted = { target: 'senlin-alone', name, extensions: { senlin: { spec } } };
      try {
        stage['/strict']();
        const first = await gateway.create(wanted, name);
        expect(first.body).toMatchObject({ status: 504, code: 'outcome_unknown' });
        stage['/prompt']();
        let repeat = await gateway.create(wanted, name);
        expect(repeat.body).toMatchObject({ status: 409, code: 'request_in_progress' });
        for (let n = 0; n < REPEATS_MAX && repeat.status === 409; n += 1) {
          await sleep(REPEAT_MS);
          repeat = await gateway.create(wanted, name);
        }
        expect([repeat.status, repeat.isReplayed], JSON.stringify(repeat.body)).toEqual([
          201,
          true,
        ]);
        expect(repeat.body.write).toMatchObject({ outcome: 'applied', evidence: 'read_back' });
        const { body } = await gateway.ask('GET', `/profiles?target=senlin-alone&name=${name}`);
        expect(body.profiles).toHaveLength(1);
        expect(body.profiles?.[0]?.upstreamId).toBe(repeat.body.profile?.upstreamId);
      } finally {
        stage['/configured']();
        await gateway.stop();
      }
    },
    REPLAY_TIMEOUT_MS,
  );
});
