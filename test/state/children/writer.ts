import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { StateUnavailable } from '../../../src/state/state-database.ts';

/**
 * Begins and ends writes on a few keys of a file, as quickly as it can, and says so on stdout: its
 * session, and for each write a line of its key, its fence, and the time for which it held the key,
 * in nanoseconds of the machine's clock.
 */
const [path = '', roundsText = '', keysText = ''] = process.argv.slice(2);
const rounds = Number(roundsText);
const keys = Number(keysText);

const db = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 5_000 });
const replica = await db.startReplica({ name: String(process.pid), version: '1' });
process.stdout.write(`session ${replica}\n`);

let stored = 0;
for (let round = 0; stored < rounds; round += 1) {
  const key = `key ${round % keys}`;
  const writeId = `${replica}-${round}`;
  const [row] = await db.begin(replica, [{ key, writeId, intent: `"${writeId}"` }]);
  if (row?.kind !== 'begun') continue;
  const fromNs = process.hrtime.bigint();
  await new Promise((resolve) => setImmediate(resolve));
  const untilNs = process.hrtime.bigint();
  const receipt = {
    writeId,
    kind: 'write',
    key,
    id: key,
    target: 't',
    caller: '',
    outcome: 'applied',
    body: '{}',
  };
  const [ended] = await db.end([{ key, fence: row.fence, writeId, doubtMs: 0, receipt }]);
  if (ended !== 'stored') throw new StateUnavailable(`${writeId} is ${ended}`);
  stored += 1;
  process.stdout.write(`${key};${row.fence};${fromNs};${untilNs};${writeId}\n`);
}
await db.closeReplica(replica);
await db.close();
