import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  openPostgresDatabase,
  type PostgresOptions,
} from '../../src/node/state/postgres/database.ts';
import { type StateDatabase, StateUnavailable } from '../../src/state/state-database.ts';
import {
  PASSWORD,
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';
import { type StallingProxy, startProxy } from './stalling-proxy.ts';
import {
  begin,
  beginItem,
  begun,
  end,
  receiptIds,
  receiptRow,
  startReplica,
} from './suite/store.ts';

const skipped = reasonToSkip('postgres-faults', 'postgresql');
const TIMEOUT_MS = 500;
/** Time that this machine may take besides. */
const SLACK_MS = 1_000;
const RECOVERY_MS_MAX = 30_000;

describe.skipIf(skipped !== undefined)('a state in PostgreSQL that fails', () => {
  let server: PostgresServer;
  let proxy: StallingProxy;
  const open: StateDatabase[] = [];
  const connect = async (options: Partial<PostgresOptions> = {}): Promise<StateDatabase> => {
    const url = server.url(proxy.port);
    const basics = { url, timeoutMs: TIMEOUT_MS, durability: 'power', schema: 'auto' } as const;
    const database = await openPostgresDatabase({ ...basics, ...options });
    open.push(database);
    return database;
  };

  beforeAll(async () => {
    server = await startPostgres();
  }, START_MS_MAX);
  afterAll(() => server?.remove());
  beforeEach(async () => {
    await server.empty();
    proxy = await startProxy(server.port);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
    await proxy.close();
  });

  test('rejects within the timeout where nothing passes any more, and recovers', async () => {
    const database = await connect();
    const replica = await startReplica(database);
    const lease = await begun(database, replica, 'w1');
    await end(database, await begun(database, replica, 'w0', { key: 'warm' }));
    proxy.stall();
    const startMs = performance.now();
    const calls = [
      database.beat(replica),
      begin(database, replica, 'w2', { key: 'b' }),
      begin(database, replica, 'w3', { key: 'c' }),
      end(database, lease),
      database.receipts({ max: 1 }),
    ];
    for (const { status } of await Promise.allSettled(calls)) expect(status).toBe('rejected');
    expect(performance.now() - startMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    // A new connection is stalled as well.
    await expect(database.beat(replica)).rejects.toThrow(StateUnavailable);
    expect(performance.now() - startMs).toBeLessThan(2 * (TIMEOUT_MS + SLACK_MS));
    proxy.pass();
    await recovers(() => database.beat(replica));
    expect(await end(database, lease)).toBe('stored');
    expect((await receiptIds(database)).toSorted()).toEqual(['w0', 'w1']);
    proxy.cut();
  });

  test('breaks a connection that does not answer', async () => {
    const database = await connect();
    const replica = await startReplica(database);
    expect(proxy.connections()).toBe(1);
    proxy.stall();
    await expect(database.beat(replica)).rejects.toThrow(StateUnavailable);
    await expect.poll(() => proxy.connections()).toBe(0);
  });

  test('rejects within the timeout where a row is locked by others', async () => {
    const database = await connect();
    const replica = await startReplica(database);
    const lease = await begun(database, replica, 'w1');
    const locking = server.run(
      'BEGIN; SELECT FROM profile_gateway.lease FOR UPDATE; SELECT pg_sleep(1.2); COMMIT',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startMs = performance.now();
    await expect(end(database, lease)).rejects.toThrow(StateUnavailable);
    expect(performance.now() - startMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    await locking;
    expect(await end(database, lease)).toBe('stored');
  });

  test('goes on after connections were cut', async () => {
    const database = await connect();
    const replica = await startReplica(database);
    for (let round = 0; round < 5; round += 1) {
      proxy.cut();
      await recovers(() => database.beat(replica));
    }
  });

  test('loses nothing that was acknowledged where the server crashes in the middle', async () => {
    const database = await connect({ url: server.url() });
    const replica = await recovers(() => startReplica(database));
    const stored: string[] = [];
    let isOver = false;
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; !isOver; index += 1) {
        const writeId = `w${writer}-${index}`;
        const key = `${writer}-${index}`;
        try {
          const lease = await begun(database, replica, writeId, { key });
          expect(await end(database, lease)).toBe('stored');
          stored.push(writeId);
        } catch (error) {
          expect(error).toBeInstanceOf(StateUnavailable);
        }
      }
    };
    const writers = [0, 1, 2, 3].map(write);
    const more = async (): Promise<void> => {
      const before = stored.length;
      const timeout = RECOVERY_MS_MAX;
      await expect.poll(() => stored.length, { timeout }).toBeGreaterThan(before + 20);
    };
    try {
      await more();
      for (let crash = 0; crash < 2; crash += 1) {
        server.crash();
        await more();
      }
    } finally {
      isOver = true;
      await Promise.all(writers);
    }
    const rows = await server.run('SELECT write_id FROM profile_gateway.receipt');
    const found = new Set(rows.map(({ write_id }) => write_id));
    expect(stored.filter((writeId) => !found.has(writeId))).toEqual([]);
    const replicas = await database.beat(replica);
    expect(replicas?.map((row) => row.replica)).toEqual([replica]);
  });

  test('serves once a server is there that was down when it was opened', async () => {
    server.stop();
    try {
      const database = await connect();
      await expect(startReplica(database)).rejects.toThrow(StateUnavailable);
      server.start();
      await recovers(() => startReplica(database));
    } finally {
      await server.run('SELECT 1').catch(() => server.start());
    }
  });

  test('begins batches of the same profiles in opposite order without a deadlock', async () => {
    const [one, two] = [await connect({ timeoutMs: 5_000 }), await connect({ timeoutMs: 5_000 })];
    const replica = await startReplica(one);
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    const write = async (database: StateDatabase, order: readonly string[], name: string) => {
      let begunCount = 0;
      for (let round = 0; round < 200; round += 1) {
        const items = order.map((key) => beginItem(`${name}${round} ${key}`, { key }));
        const rows = await database.begin(replica, items);
        const ends = rows.flatMap((row, index) => {
          const item = items[index];
          if (row.kind !== 'begun' || item === undefined) return [];
          const { key, writeId } = item;
          return { key, writeId, fence: row.fence, doubtMs: 0, receipt: receiptRow(writeId) };
        });
        begunCount += ends.length;
        expect(new Set(await database.end(ends.toReversed()))).not.toContain('fenced');
      }
      return begunCount;
    };
    const counts = await Promise.all([write(one, keys, 'a'), write(two, keys.toReversed(), 'b')]);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    const [row] = await server.run(
      'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(row).toEqual({ deadlocks: 0 });
  });

  test('names no password where the server refuses it', async () => {
    const wrong = 'wrong-password-of-the-state';
    const url = server.url().replace(encodeURIComponent(PASSWORD), wrong);
    const database = await connect({ url });
    const error: unknown = await startReplica(database).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StateUnavailable);
    expect(String(error)).toContain('28P01');
    expect(String(error)).not.toContain(wrong);
  });
});

/** Repeats a call until it is answered. */
async function recovers<T>(call: () => Promise<T>): Promise<T> {
  const lateMs = performance.now() + RECOVERY_MS_MAX;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StateUnavailable) || performance.now() > lateMs) throw error;
    }
  }
}
