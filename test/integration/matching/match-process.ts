import { writeSync } from 'node:fs';
import { succeed } from '../../../src/adapter-kit/index.ts';
import { createMatchRunner } from '../../../src/matching/match-runner.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { openPostgresDatabase } from '../../../src/node/state/postgres/database.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { sleep, systemClock } from '../../../src/state/clock.ts';
import { bigPage } from './big-lists.ts';

/**
 * Works on a match run in a process of its own: `place run of stopAtPage how`. `place` is a file or
 * an address of PostgreSQL; `how` is `stop`, or `kill`, which no step survives that is under way.
 * Prints the pages that it has read and its greatest memory, as JSON.
 */
const [place = '', id = '', of = '', stopAt = '', how = 'stop'] = process.argv.slice(2);
const KILL_MS = 3;

const database = place.startsWith('postgres')
  ? await openPostgresDatabase({ url: place, durability: 'power', schema: 'check' })
  : await openSqliteDatabase({ path: place, durability: 'process', timeoutMs: 2_000 });
// The lease of a process that was killed ends by itself.
let lease = await database.matches.claimRun(id, 60_000);
for (; lease === undefined; lease = await database.matches.claimRun(id, 60_000)) await sleep(500);

let pages = 0;
const full = Promise.withResolvers<void>();
const say = (): void => {
  const memoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  writeSync(1, JSON.stringify({ pages, memoryMiB }));
};
const atStop = (): void => {
  if (how === 'stop') {
    full.resolve();
    return;
  }
  setTimeout(() => {
    say();
    process.kill(process.pid, 'SIGKILL');
  }, KILL_MS);
};
const runner = createMatchRunner(
  {
    store: database.matches,
    linkChanges: database.linkChanges,
    follow: async () => {},
    links: () => undefined,
    listPage: async (target, cursor) => {
      pages += 1;
      if (pages === Number(stopAt)) atStop();
      return succeed(bigPage(Number(of), target, cursor));
    },
    hash: async (text) =>
      (await nodeDigests.hmacSha256('a key that is not real', text, 'hex')).slice(0, 32),
    monotonicMs: systemClock.monotonicMs,
    sleep,
  },
  (error) => {
    throw error;
  },
);
runner.start(lease);
const isOver = async (): Promise<void> => {
  while ((await database.matches.run(id))?.state === 'running') await sleep(50);
};
await Promise.race([full.promise, isOver()]);
await runner.close();
await database.close();
say();
