import { describe, expect, test } from 'vitest';
import { count, isFull, readSeed } from '../../support/counts.ts';
import { randomFrom } from '../chaos/random.ts';
import { reasonToSkip } from '../postgres-server.ts';
import { type FailoverOptions, type FailoverResult, runFailover } from './failover.ts';

const LOAD_MS = count(3_000, 20_000);
const OTHER_MS = 120_000;
const NOTHING_WRONG = { wrong: [], lost: [], disordered: [], unrecorded: [], contradicted: [] };

const skipped = reasonToSkip('failover', 'postgresql');

describe.skipIf(skipped !== undefined)('a failover to a standby under load', () => {
  const seed = readSeed();
  const run = async (
    options: Pick<FailoverOptions, 'isSynchronous' | 'lagMs'>,
  ): Promise<FailoverResult> => {
    const result = await runFailover({ ...options, random: randomFrom(seed), loadMs: LOAD_MS });
    const { findings, ...said } = result;
    const found = Object.entries(findings).map(([kind, items]) => [kind, items.length]);
    const line = { seed, ...options, ...said, found: Object.fromEntries(found) };
    process.stdout.write(`failover: ${JSON.stringify(line)}\n`);
    return result;
  };

  test(`loses nothing where commits wait for the standby: SEED=${seed}`, {
    timeout: 2 * LOAD_MS + OTHER_MS,
  }, async () => {
    const { findings, repeats } = await run({ isSynchronous: true, lagMs: 0 });
    expect(findings).toEqual(NOTHING_WRONG);
    expect(repeats.answered).toBeGreaterThan(0);
    expect(repeats.sentAgain).toBe(0);
  });

  test.runIf(isFull).each([0, 1_000])(
    'is measured where the standby is behind: %i ms',
    {
      timeout: 2 * LOAD_MS + OTHER_MS,
    },
    async (lagMs) => {
      await run({ isSynchronous: false, lagMs });
    },
  );
});
