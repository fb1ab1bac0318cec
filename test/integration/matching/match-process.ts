import { succeed } from '../../../src/adapter-kit/index.ts';
import { createMatchRunner } from '../../../src/matching/match-runner.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { sleep, systemClock } from '../../../src/state/clock.ts';
import { bigPage } from './big-lists.ts';

/**
 * Works on a match run in a process of its own: `path run of stopAtPage`. Prints the pages that it
 * has read and its greatest memory, as JSON.
 */
const [path = '', id = '', of = '', stopAt = ''] = process.argv.slice(2);
const database = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 2_000 });
const lease = await database.matches.claimRun(id, 60_000);
if (lease === undefined) throw new Error('the run is taken');

let pages = 0;
const full = Promise.withResolvers<void>();
const runner = createMatchRunner(
  {
    store: database.matches,
    linkChanges: database.linkChanges,
    follow: async () => {},
    links: () => undefined,
    listPage: async (target, cursor) => {
      pages += 1;
      if (pages === Number(stopAt)) full.resolve();
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
const memoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ pages, memoryMiB }));
