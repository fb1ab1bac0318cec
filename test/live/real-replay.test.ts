import { describe, expect, test } from 'vitest';
import { knownDifferences, problems } from './differences.ts';
import type { Replayed } from './replay.ts';
import { realServers, replayReal, replaySandboxes } from './targets.ts';

const servers = realServers(process.env);
const REPLAY_TIMEOUT_MS = 300_000;

describe.skipIf(servers === undefined)('real Keystone and Senlin', () => {
  test(
    'answer as recorded, and the sandboxes answer as they do',
    async () => {
      const real = await replayReal(servers ?? {});
      expect(problems(real, [])).toEqual([]);
      const compared = comparedWith(real, await replaySandboxes());
      expect(problems(compared, knownDifferences(compared))).toEqual([]);
    },
    REPLAY_TIMEOUT_MS,
  );
});

/** The sandboxes' answers with the real servers' statuses in place of the recorded ones. */
function comparedWith(real: readonly Replayed[], sandbox: readonly Replayed[]) {
  const statuses = new Map(real.map((step) => [`${step.section}/${step.title}`, step.status]));
  return sandbox.map((step): Replayed => {
    const status = statuses.get(`${step.section}/${step.title}`);
    if (step.expectedStatus === undefined || typeof status !== 'number') return step;
    return { ...step, expectedStatus: status };
  });
}
