import { expect, test } from 'vitest';
import { count, isFull, readSeed } from '../../support/counts.ts';
import { type ChaosOptions, type ChaosResult, runChaos, type Trouble } from './chaos.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import type { ChaosStore } from './stores.ts';

const DURATION_MS = count(20_000, 600_000);
/** As a rule long enough for a fault of the protocol to show; runs with seeds of their own. */
const MUTANT_MS = 60_000;
const MUTANT_RUNS_MAX = 3;
/** Time beside the run: starts, the last writes, and the comparison. */
const OTHER_MS = 120_000;
const NOTHING_WRONG = { wrong: [], lost: [], disordered: [], unrecorded: [], contradicted: [] };

export type ChaosSuite = {
  readonly open: () => Promise<ChaosStore>;
  readonly troubles: readonly Trouble[];
};

/** Tests that replicas with one state tell the truth whatever happens to them. */
export function chaosSuite({ open, troubles }: ChaosSuite): void {
  const seed = readSeed();
  const run = async (
    options: Pick<ChaosOptions, 'durationMs' | 'isCalm' | 'mutant' | 'troubles'> &
      Partial<Pick<ChaosOptions, 'seed'>>,
  ): Promise<ChaosResult> => {
    const store = await open();
    try {
      const result = await runChaos({ store, seed, ...options });
      const { findings, ...said } = result;
      const found = Object.entries(findings).map(([kind, items]) => [kind, items.length]);
      const line = { seed, ...options, ...said, found: Object.fromEntries(found) };
      process.stdout.write(`${JSON.stringify(line)}\n`);
      return result;
    } finally {
      await store.close();
    }
  };

  test(`replicas that are killed, stopped and cut off have true ends: SEED=${seed}`, {
    timeout: DURATION_MS + OTHER_MS,
  }, async () => {
    const { findings, outcomes, writes } = await run({ durationMs: DURATION_MS, troubles });
    expect(findings).toEqual(NOTHING_WRONG);
    expect(writes).toBeGreaterThan(DURATION_MS / 1_000);
    expect(Object.keys(outcomes).join()).toMatch('recovered');
  });

  test('an outage of the state makes no replica close another', {
    timeout: DURATION_MS + OTHER_MS,
  }, async () => {
    const { closed, findings } = await run({
      durationMs: 15_000,
      troubles: ['stall'],
      isCalm: true,
    });
    expect(findings).toEqual(NOTHING_WRONG);
    expect(closed).toBe(0);
  });

  test.runIf(isFull).each(mutants())(
    'is not so where a replica %s',
    {
      timeout: MUTANT_RUNS_MAX * (MUTANT_MS + OTHER_MS),
    },
    async (mutant, shownBy) => {
      const isCalm = shownBy.every((trouble) => trouble === 'stall');
      const options = { durationMs: MUTANT_MS, mutant, troubles: shownBy, isCalm };
      let found = 0;
      for (let i = 0; i < MUTANT_RUNS_MAX && found === 0; i += 1) {
        const { closed, findings } = await run({ ...options, seed: seed + i });
        found = Object.values(findings).flat().length + (isCalm ? closed : 0);
      }
      expect(found).toBeGreaterThan(0);
    },
  );
}

function mutants(): [Mutant, readonly Trouble[]][] {
  return Object.entries(MUTANTS) as [Mutant, readonly Trouble[]][];
}
