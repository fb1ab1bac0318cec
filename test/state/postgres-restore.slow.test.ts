import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresDatabase } from '../../src/node/state/postgres/database.ts';
import {
  type PostgresServer,
  postgresProgram,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';
import { begun, end, startReplica } from './suite/store.ts';

const skipped = reasonToSkip('postgres-restore', 'postgresql');
const HOUR_MS = 3_600_000;

describe.skipIf(skipped !== undefined)('a database that was restored from a dump', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, START_MS_MAX);
  afterAll(() => server?.remove());

  const open = () =>
    openPostgresDatabase({ url: server.url(), durability: 'power', schema: 'auto' });

  test('repeats no fence and no session, and knows that answers are missing', async () => {
    const answer = {
      caller: 'crm',
      id: 'alice',
      fingerprint: 'f',
      outcome: 'applied',
      sealed: 's',
    };
    const before = await open();
    const replica = await startReplica(before);
    const kept = { ...answer, keyHash: 'kept' };
    await end(before, await begun(before, replica, 'w1'), { answer: kept });
    const held = await begun(before, replica, 'held', { key: 'held' });
    const dump = execFileSync(postgresProgram('pg_dump'), [server.url()]);
    const fences: number[] = [];
    for (let i = 2; i < 20; i += 1) {
      const lease = await begun(before, replica, `w${i}`);
      fences.push(lease.fence);
      await end(before, lease, { answer: { ...answer, keyHash: `lost-${i}` } });
    }
    await before.close();

    await server.empty();
    execFileSync(postgresProgram('psql'), [server.url(), '--quiet', '--set=ON_ERROR_STOP=1'], {
      input: dump,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const after = await open();
    try {
      await after.markRestored(HOUR_MS);
      expect(await after.keysLostMs()).toBeGreaterThan(0);
      const next = await startReplica(after);
      expect(next).toBeGreaterThan(replica);
      const find = (keyHash: string) =>
        after.begin(next, [
          { key: keyHash, writeId: keyHash, intent: '{}', idempotency: { ...answer, keyHash } },
        ]);
      expect(await find('kept')).toMatchObject([{ answer: { writeId: 'w1', outcome: 'applied' } }]);
      const [lost] = await find('lost-2');
      expect(lost?.answer).toBeUndefined();
      const lease = await begun(after, next, 'again', { key: 'held' });
      expect(lease.fence).toBeGreaterThan(Math.max(...fences, held.fence));
      expect(await end(after, held)).toBe('fenced');
    } finally {
      await after.close();
    }
  });
});
