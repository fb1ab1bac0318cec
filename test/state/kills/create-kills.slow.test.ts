import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { count } from '../../support/counts.ts';
import { type ChaosStore, postgresStore, sqliteStore } from '../chaos/stores.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from '../postgres-server.ts';
import { inFolder } from '../sqlite-folder.ts';
import { type ClosedCreate, killCreates, SESSION_MS, SETTLE_MS } from './create-kills.ts';
import { STEPS } from './create-steps.ts';
import { CREATE_TARGETS } from './creating-vendors.ts';

/** Creates of each vendor, step and fate in one round: with both stores, FULL is 1,120. */
const [COPIES, ROUNDS] = [count(1, 2), count(1, 7)];
const ROUND_MS_MAX = 90_000;
/** Time that a recovery may take beside the waits that it must keep. */
const WORK_MS = 2_000;

async function expectTrueEnds(store: ChaosStore): Promise<void> {
  const closed = await killCreates(store, COPIES, ROUNDS);
  const ends = Map.groupBy(closed, ({ fate, outcome, step }) => `${step} ${fate} ${outcome}`);
  const table = [...ends].map(([end, all]) => `${end}: ${all.length}, at most ${latest(all)} ms`);
  process.stdout.write(`${closed.length} creates\n${table.join('\n')}\n`);
  const wrong = closed.filter((one) => one.wrong.length > 0);
  expect(wrong).toEqual([]);
  const fates = Object.values(STEPS).flat().length;
  expect(closed.length).toBe(ROUNDS * COPIES * fates * CREATE_TARGETS.length);
  expect(latest(closed)).toBeLessThan(SESSION_MS + SETTLE_MS + WORK_MS);
  const settled = closed.filter(({ fate }) => fate === 'applied' || fate === 'answered');
  // As a rule they are found at once, where nothing else is to be waited for.
  const found = settled.filter(({ outcome }) => outcome === 'applied');
  expect(median(found)).toBeLessThan(SESSION_MS + WORK_MS);
}

function latest(closed: readonly ClosedCreate[]): number {
  return Math.round(Math.max(...closed.map(({ closedMs }) => closedMs)));
}

function median(closed: readonly ClosedCreate[]): number {
  const sorted = closed.map(({ closedMs }) => closedMs).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

describe.concurrent('each create of a replica that is killed has a true end in time', () => {
  test(
    'with a state in SQLite',
    { timeout: ROUNDS * ROUND_MS_MAX },
    inFolder(async (folder) => expectTrueEnds(sqliteStore(join(folder, 'state.db')))),
  );

  describe.skipIf(reasonToSkip('create-kills', 'postgresql') !== undefined)('beside it', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres();
    }, START_MS_MAX);
    afterAll(() => server?.remove());

    test('with a state in PostgreSQL', { timeout: ROUNDS * ROUND_MS_MAX }, async () => {
      const store = await postgresStore(server);
      try {
        await expectTrueEnds(store);
      } finally {
        await store.close();
      }
    });
  });
});
