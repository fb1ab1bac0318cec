import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { openPostgresDatabase } from '../../../src/node/state/postgres/database.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { reasonToSkip, startPostgres } from '../../state/postgres-server.ts';
import { inFolder } from '../../state/sqlite-folder.ts';
import { count, isFull } from '../../support/counts.ts';
import {
  addRun,
  confirmAll,
  expectLinks,
  expectSituations,
  MEMORY_MIB_MAX,
  plant,
  RUN,
} from './big-run.ts';

const OF = count(10_000, 100_000);
const OF_POSTGRES = count(2_000, 100_000);
const TEST_MS_MAX = 900_000;
const PAGE_ITEMS = 500;
const run = promisify(execFile);
const skipped = reasonToSkip('matching in PostgreSQL', 'postgresql');

type Worked = { readonly pages: number; readonly memoryMiB: number };

/** Works on the run in another process; what it prints. */
async function work(
  place: string,
  of: number,
  stopAt = 0,
  how: 'stop' | 'kill' = 'stop',
): Promise<Worked> {
  const script = new URL('match-process.ts', import.meta.url).pathname;
  const args = [script, place, RUN, String(of), String(stopAt), how];
  const options = { maxBuffer: 1024 * 1024 };
  if (how === 'stop') return JSON.parse((await run(process.execPath, args, options)).stdout);
  const killed: { signal: string; stdout: string } = await run(
    process.execPath,
    args,
    options,
  ).then(
    () => {
      throw new Error('it has come to its end');
    },
    (error: unknown) => error as { signal: string; stdout: string },
  );
  expect(killed.signal).toBe('SIGKILL');
  return JSON.parse(killed.stdout);
}

/** Prints and bounds the memory of both processes, and the pages that they have read. */
function expectBounds(of: number, first: Worked, second: Worked): void {
  const all = 2 * Math.ceil(of / PAGE_ITEMS);
  process.stdout.write(`memory: ${first.memoryMiB} and ${second.memoryMiB} MiB\n`);
  expect(first.pages + second.pages).toBeLessThanOrEqual(all + 3 + Math.ceil(all * 0.1));
  expect(Math.max(first.memoryMiB, second.memoryMiB)).toBeLessThan(MEMORY_MIB_MAX);
}

/** The page at which the first process ends: most of the way through the second list. */
const stopPage = (of: number): number => Math.round(2 * Math.ceil(of / PAGE_ITEMS) * 0.7);

test(
  `${OF} cases: every situation is right, and no link is wrong, after a stop in the middle`,
  inFolder(async (folder) => {
    const path = join(folder, 'state.db');
    const database = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 2_000 });
    await plant(database, OF);
    await addRun(database, RUN);
    const first = await work(path, OF, stopPage(OF));
    expect((await database.matches.run(RUN))?.state).toBe('running');
    const second = await work(path, OF);
    expect((await database.matches.run(RUN))?.state).toBe('ready');
    expectBounds(OF, first, second);
    const unique = await expectSituations(database, OF);
    expect(unique).toBe(OF * 0.8);
    expect(await confirmAll(database)).toBe(unique);
    expect(await expectLinks(database)).toBe(unique);
    await database.close();
  }),
  TEST_MS_MAX,
);

test.skipIf(skipped !== undefined)(
  `${OF_POSTGRES} cases in PostgreSQL, where the process is killed in the middle`,
  async () => {
    const server = await startPostgres();
    try {
      const url = server.url();
      const database = await openPostgresDatabase({ url, durability: 'power', schema: 'auto' });
      await plant(database, OF_POSTGRES);
      await addRun(database, RUN);
      const first = await work(url, OF_POSTGRES, stopPage(OF_POSTGRES), 'kill');
      expect((await database.matches.run(RUN))?.state).toBe('running');
      if (!isFull) await endLease(url);
      const beganMs = performance.now();
      const second = await work(url, OF_POSTGRES);
      const seconds = Math.round((performance.now() - beganMs) / 1_000);
      process.stdout.write(`second process: ${seconds} s, the wait for the lease included\n`);
      expect((await database.matches.run(RUN))?.state).toBe('ready');
      expectBounds(OF_POSTGRES, first, second);
      const unique = await expectSituations(database, OF_POSTGRES);
      expect(unique).toBe(OF_POSTGRES * 0.8);
      expect(await confirmAll(database)).toBe(unique);
      expect(await expectLinks(database)).toBe(unique);
      await database.close();
    } finally {
      server.remove();
    }
  },
  TEST_MS_MAX,
);

/** Ends the lease of the process that was killed, for which nobody waits a minute here. */
async function endLease(url: string): Promise<void> {
  const session = new Client({ connectionString: url });
  await session.connect();
  await session.query('UPDATE profile_gateway.match_run SET leased_until = clock_timestamp()');
  await session.end();
}
