import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openPostgresDatabase,
  type PostgresOptions,
} from '../../src/node/state/postgres/database.ts';
import type { StateDatabase } from '../../src/state/state-database.ts';
import { describeDatabase, type OpenStore } from './database-suite.ts';
import {
  type PooledServer,
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPgBouncer,
  startPostgres,
} from './postgres-server.ts';
import { begun, end, receiptIds, receiptRow, startReplica } from './suite/store.ts';

const skipped = reasonToSkip('postgres', 'pgbouncer');

describe.skipIf(skipped !== undefined)('a state in PostgreSQL', () => {
  let server: PostgresServer;
  let pooled: PooledServer;
  let ignoring: PooledServer;
  beforeAll(async () => {
    server = await startPostgres();
    pooled = await startPgBouncer(server);
    ignoring = await startPgBouncer(
      server,
      'ignore_startup_parameters = options',
      // All sessions are one: what one of them leaves behind meets the others.
      'default_pool_size = 1',
    );
  }, START_MS_MAX);
  afterAll(() => {
    pooled?.stop();
    ignoring?.stop();
    server?.remove();
  });

  const storeWith =
    (port: () => number, options: Partial<PostgresOptions>): OpenStore =>
    async () => {
      await server.empty();
      const open: StateDatabase[] = [];
      return {
        connect: async () => {
          const url = server.url(port());
          const basics = { url, durability: 'power', schema: 'auto' } as const;
          const database = await openPostgresDatabase({ ...basics, ...options });
          open.push(database);
          return database;
        },
        dispose: async () => {
          await Promise.all(open.map((database) => database.close()));
        },
      };
    };

  describeDatabase(
    'by itself',
    storeWith(() => server.port, {}),
  );
  describeDatabase(
    'behind PgBouncer',
    storeWith(() => pooled.port, { prepared: false }),
  );

  const DURABILITIES = [
    ['power', 'on'],
    ['process', 'off'],
  ] as const;

  test('is served where a pooler refuses settings, and where it drops them', async () => {
    for (const port of [pooled.port, ignoring.port]) {
      const store = await storeWith(() => port, {})();
      const databases = [await store.connect(), await store.connect()];
      const replica = await startReplica(databases[0] as StateDatabase);
      const writes = Array.from({ length: 40 }, async (_, index) => {
        const database = databases[index % 2] as StateDatabase;
        const lease = await begun(database, replica, `w${index}`, { key: `key ${index}` });
        expect(await end(database, lease)).toBe('stored');
      });
      await Promise.all(writes);
      expect(await receiptIds(databases[1] as StateDatabase)).toHaveLength(40);
      await store.dispose();
    }
  });

  test.each(DURABILITIES)('waits for commits that must survive as asked (%s)', async (name, is) => {
    for (const port of [server.port, pooled.port, ignoring.port]) {
      const store = await storeWith(() => port, { durability: name })();
      const db = await store.connect();
      const replica = await startReplica(db);
      await server.run(NOTE_SETTING);
      await end(db, await begun(db, replica, 'w1'));
      const seen = 'SELECT DISTINCT setting FROM profile_gateway.seen';
      expect(await server.run(seen)).toEqual([{ setting: is }]);
      await server.run('DELETE FROM profile_gateway.seen');
      // The number of a session that a crash takes back would be given again.
      await startReplica(db);
      expect(await server.run(seen)).toEqual([{ setting: 'on' }]);
      await server.run('DELETE FROM profile_gateway.seen');
      // The version of a link would be used again, and a drain be gone that somebody relies on.
      await db.changeLinks([{ id: 'a', targets: { acme: 'b' } }], receiptRow('w2'));
      await db.setDrain('acme', { by: '', reason: '' }, receiptRow('w3'));
      await db.setDrain('acme', undefined, receiptRow('w4'));
      expect(await server.run(seen)).toEqual([{ setting: 'on' }]);
      await store.dispose();
    }
  });
});

/** Notes for each row under which setting it is stored. */
const NOTE_SETTING = `
CREATE TABLE profile_gateway.seen (setting text);
CREATE FUNCTION profile_gateway.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO profile_gateway.seen VALUES (current_setting('synchronous_commit'));
  RETURN NULL;
END $$;
CREATE TRIGGER see AFTER INSERT OR UPDATE ON profile_gateway.lease
  FOR EACH ROW EXECUTE FUNCTION profile_gateway.see();
CREATE TRIGGER see AFTER INSERT ON profile_gateway.receipt
  FOR EACH ROW EXECUTE FUNCTION profile_gateway.see();
CREATE TRIGGER see AFTER INSERT ON profile_gateway.replica
  FOR EACH ROW EXECUTE FUNCTION profile_gateway.see()`;
