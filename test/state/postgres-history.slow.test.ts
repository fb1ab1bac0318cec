import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LINK_VERSIONS_PER_TIMELINE } from '../../src/limits.ts';
import { openPostgresDatabase } from '../../src/node/state/postgres/database.ts';
import { type StateDatabase, StateUnavailable } from '../../src/state/state-database.ts';
import { startStandby } from './failover/standby.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';
import { begin, begun, end, receiptRow, sleep, startReplica } from './suite/store.ts';

const skipped = reasonToSkip('postgres-history', 'postgresql');
const SESSION_MS = 2_000;
const RECOVERY_MS_MAX = 30_000;
const LOST = 'the database may have lost commits';

describe.skipIf(skipped !== undefined)('a state in PostgreSQL that may have lost commits', () => {
  let server: PostgresServer;
  const open: StateDatabase[] = [];
  const connect = async (durability: 'power' | 'process', url = server.url()) => {
    const settings = { durability, schema: 'auto', sessionMs: SESSION_MS } as const;
    const database = await openPostgresDatabase({ url, ...settings });
    open.push(database);
    return database;
  };
  /** Reaches the server again after its connections were lost. */
  const reached = (database: StateDatabase): Promise<void> =>
    expect
      .poll(() => database.inDoubtMs(['a']).catch(String), { timeout: RECOVERY_MS_MAX })
      .toEqual([0]);
  const linkA = (database: StateDatabase, writeId: string): Promise<number> =>
    database.changeLinks([{ id: 'a', targets: { acme: 'b' } }], receiptRow(writeId));

  beforeAll(async () => {
    server = await startPostgres();
  }, START_MS_MAX);
  afterAll(() => server?.remove());
  beforeEach(() => server.empty());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
  });

  test('begins no write until the sessions from before are over', async () => {
    const [a, b] = [await connect('process'), await connect('process')];
    const replica = await startReplica(a);
    const lease = await begun(a, replica, 'w1');
    await a.beat(replica);
    server.crash();
    await Promise.all([reached(a), reached(b)]);
    // Also before anybody has seen it.
    await expect(begin(a, replica, 'w2', { key: 'free' })).rejects.toThrow(LOST);
    const startMs = performance.now();
    expect(await a.beat(replica)).toBeUndefined();
    const next = await startReplica(a);
    expect(next).toBeGreaterThan(replica);
    const other = await startReplica(b);
    expect((await b.beat(other))?.map(({ replica: open }) => open)).toEqual([replica, next, other]);
    await expect(begin(b, other, 'w3', { key: 'free' })).rejects.toThrow(StateUnavailable);
    // What was sent before may still end.
    await end(a, lease);
    await expect
      .poll(() => begin(b, other, 'w4', { key: 'free' }).catch(String), {
        timeout: RECOVERY_MS_MAX,
      })
      .toMatchObject({ kind: 'begun' });
    expect(performance.now() - startMs).toBeGreaterThan(SESSION_MS - 100);
    expect(await a.beat(next)).toHaveLength(3);
  });

  test('tells each session once, however often the server crashes', async () => {
    const database = await connect('process');
    for (let crash = 0; crash < 2; crash += 1) {
      const replica = await startReplica(database);
      expect(await database.beat(replica)).toBeDefined();
      server.crash();
      await reached(database);
      expect(await database.beat(replica)).toBeUndefined();
      expect(await database.beat(replica)).toBeUndefined();
    }
  });

  test.each([
    ['power', 'crash'],
    ['process', 'restart'],
  ] as const)('goes on where nothing can be lost: %s, %s', async (durability, how) => {
    const database = await connect(durability);
    const replica = await startReplica(database);
    await database.beat(replica);
    for (const writeId of ['w1', 'w2']) {
      server[how]();
      await reached(database);
      await end(database, await begun(database, replica, writeId));
      expect(await database.beat(replica)).toHaveLength(1);
      await end(database, await begun(database, replica, `${writeId} after a beat`));
    }
  });

  test('waits and goes on above all links where a standby takes over', async () => {
    const primary = await connect('power');
    const replica = await startReplica(primary);
    await primary.beat(replica);
    expect(await linkA(primary, 'w1')).toBe(1);
    const standby = await startStandby(server, false);
    try {
      await end(primary, await begun(primary, replica, 'w2'));
      await expect.poll(() => receiptsAt(standby.port)).toBeGreaterThan(1);
      await standby.promote();
      const taken = await connect('power', server.url(standby.port));
      await expect(begin(taken, replica, 'w3', { key: 'free' })).rejects.toThrow(LOST);
      expect(await taken.beat(replica)).toBeUndefined();
      const next = await startReplica(taken);
      await expect(begin(taken, next, 'w4', { key: 'free' })).rejects.toThrow(LOST);
      await sleep(SESSION_MS);
      await begun(taken, next, 'w5', { key: 'free' });
      expect(await taken.beat(next)).toHaveLength(2);
      expect(await linkA(taken, 'w6')).toBe(LINK_VERSIONS_PER_TIMELINE);
      expect(await linkA(taken, 'w7')).toBe(LINK_VERSIONS_PER_TIMELINE + 1);
    } finally {
      await standby.remove();
    }
  });

  test('waits after a crash where the server does not show its timeline', async () => {
    const database = await connect('power');
    const replica = await startReplica(database);
    await server.run(
      'CREATE OR REPLACE FUNCTION profile_gateway.timeline() RETURNS bigint LANGUAGE sql AS $$ SELECT NULL::bigint $$',
    );
    await end(database, await begun(database, replica, 'w1'));
    expect(await database.beat(replica)).toHaveLength(1);
    expect(await linkA(database, 'w2')).toBe(1);
    server.crash();
    await reached(database);
    await expect(begin(database, replica, 'w3')).rejects.toThrow(LOST);
    expect(await database.beat(replica)).toBeUndefined();
  });

  async function receiptsAt(port: number): Promise<number> {
    const { Client } = await import('pg');
    const client = new Client({ connectionString: server.url(port) });
    await client.connect();
    const { rows } = await client.query('SELECT FROM profile_gateway.receipt');
    await client.end();
    return rows.length;
  }
});
