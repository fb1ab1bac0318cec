import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  openPostgresDatabase,
  type PostgresOptions,
} from '../../src/node/state/postgres/database.ts';
import { POSTGRES_MIGRATIONS } from '../../src/node/state/postgres/migrations.ts';
import { ensureSchema, MIGRATION_LOCK } from '../../src/node/state/postgres/schema.ts';
import { sessionOpener } from '../../src/node/state/postgres/session.ts';
import { readDatabaseUrl } from '../../src/node/state/postgres/url.ts';
import type { StateDatabase } from '../../src/state/state-database.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';
import { startReplica } from './suite/store.ts';

const skipped = reasonToSkip('postgres-schema', 'postgresql');
const KNOWN = POSTGRES_MIGRATIONS.length;

describe.skipIf(skipped !== undefined)('the tables of a state in PostgreSQL', () => {
  let server: PostgresServer;
  const open: StateDatabase[] = [];
  const connect = async (options: Partial<PostgresOptions>): Promise<StateDatabase> => {
    const basics = { url: server.url(), durability: 'power', schema: 'check' } as const;
    const database = await openPostgresDatabase({ ...basics, ...options });
    open.push(database);
    return database;
  };
  const newer = (usableFrom: number) =>
    server.run(`INSERT INTO profile_gateway.migration VALUES (${KNOWN + 1}, ${usableFrom})`);

  beforeAll(async () => {
    server = await startPostgres();
  }, START_MS_MAX);
  afterAll(() => server?.remove());
  beforeEach(() => server.empty());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
  });

  test('are not made where they are only to be checked: the error names the command', async () => {
    await expect(connect({})).rejects.toThrow(
      `The state's tables are of version 0, and this gateway needs version ${KNOWN}. ` +
        'Run `profile-gateway state migrate`, or set `state.schema: auto`.',
    );
    expect(await server.run(`SELECT to_regnamespace('profile_gateway')::text AS name`)).toEqual([
      { name: null },
    ]);
  });

  test('are made once by many who start at the same time, and then pass the check', async () => {
    const openSession = sessionOpener({
      target: readDatabaseUrl(server.url()),
      timeoutMs: 2_000,
      durability: 'power',
      pinsPlans: true,
      prepared: undefined,
    });
    const sessions = await Promise.all(Array.from({ length: 8 }, openSession));
    await Promise.all(sessions.map((session) => ensureSchema(session, 'auto', 2_000)));
    await Promise.all(sessions.map(({ client }) => client.end()));
    await startReplica(await connect({}));
    const rows = await server.run('SELECT version FROM profile_gateway.migration ORDER BY version');
    expect(rows).toEqual(POSTGRES_MIGRATIONS.map((_, index) => ({ version: index + 1 })));
  });

  test('of a newer version serve where they say that this one may use them', async () => {
    await connect({ schema: 'auto' });
    await newer(KNOWN);
    await startReplica(await connect({}));
    await startReplica(await connect({ schema: 'auto' }));
  });

  test.each(['auto', 'check'] as const)(
    'of a newer version that this one may not use are refused (%s)',
    async (schema) => {
      const older = await connect({ schema: 'auto' });
      await newer(KNOWN + 1);
      await expect(connect({ schema })).rejects.toThrow(
        `version ${KNOWN + 1}, which needs a gateway that knows version ${KNOWN + 1}`,
      );
      // A connection that is open serves on, and a new one does not.
      await startReplica(older);
      await expect(older.receipts({ max: 1 })).rejects.toThrow('Start a newer gateway');
    },
  );

  test('are refused by calls where the server was down when the state was opened', async () => {
    server.stop();
    const database = await connect({});
    server.start();
    await expect
      .poll(() => startReplica(database).catch(String), { timeout: 10_000 })
      .toContain('profile-gateway state migrate');
  });

  test('hold up calls for their time only, and none is made after that', async () => {
    const locking = server.run(
      `BEGIN; SELECT pg_advisory_xact_lock(${MIGRATION_LOCK}); SELECT pg_sleep(1.5); COMMIT`,
    );
    await expect
      .poll(() => server.run(`SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'`))
      .toEqual([{ count: 1 }]);
    const database = await connect({ schema: 'auto', timeoutMs: 200 });
    await expect(startReplica(database)).rejects.toThrow('does not answer within 200 ms');
    await locking;
    await expect.poll(() => database.inDoubtMs(['a']).catch(String)).toEqual([0]);
    expect(await server.run('SELECT name FROM profile_gateway.replica')).toEqual([]);
  });

  test('stay as they were where a migration fails', async () => {
    await server.run('CREATE SCHEMA profile_gateway; CREATE TABLE profile_gateway.receipt ()');
    const database = await connect({ schema: 'auto' });
    await expect(startReplica(database)).rejects.toThrow('already exists');
    expect(await server.run(`SELECT to_regclass('profile_gateway.lease')::text AS name`)).toEqual([
      { name: null },
    ]);
  });
});
