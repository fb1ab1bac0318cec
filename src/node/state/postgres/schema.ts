import type { Client } from 'pg';
import { STATE_MIGRATION_MS_MAX } from '../../../limits.ts';
import { type Migration, POSTGRES_MIGRATIONS } from './migrations.ts';
import type { PostgresSession } from './session.ts';

/** The tables are not those of this version of the gateway, and waiting does not change that. */
export class StateSchemaMismatch extends Error {
  override name = 'StateSchemaMismatch';
}

/** `auto` migrates older tables, `check` refuses them. */
export type SchemaMode = 'auto' | 'check';

/** Serves as the key of the lock under which migrations run: any number that others do not use. */
export const MIGRATION_LOCK = 7_462_871_093;

type TablesVersion = { readonly version: number; readonly usableFrom: number };

/**
 * Rejects with `StateSchemaMismatch` where the tables cannot be used by this version. Newer tables
 * can where they say so: `usableFrom` is the lowest number of migrations that code must know.
 */
export async function ensureSchema(
  { client, destroy }: PostgresSession,
  mode: SchemaMode,
  timeoutMs: number,
  migrations: readonly Migration[] = POSTGRES_MIGRATIONS,
): Promise<void> {
  const late = setTimeout(destroy, timeoutMs);
  const found = await readVersion(client).finally(() => clearTimeout(late));
  if (judgeVersion(found, migrations.length) === 'usable') return;
  if (mode === 'check') {
    throw new StateSchemaMismatch(
      `The state's tables are of version ${found.version}, and this gateway needs version ` +
        `${migrations.length}. Run \`profile-gateway state migrate\`, ` +
        'or set `state.schema: auto`.',
    );
  }
  const tooLate = setTimeout(destroy, STATE_MIGRATION_MS_MAX);
  await applyMigrations(client, migrations).finally(() => clearTimeout(tooLate));
}

function judgeVersion({ version, usableFrom }: TablesVersion, known: number): 'usable' | 'old' {
  if (version < known) return 'old';
  if (usableFrom <= known) return 'usable';
  throw new StateSchemaMismatch(
    `The state's tables are of version ${version}, which needs a gateway that knows version ` +
      `${usableFrom}; this one knows ${known}. Start a newer gateway.`,
  );
}

/** Runs what is missing in one transaction, one process at a time. */
async function applyMigrations(client: Client, migrations: readonly Migration[]): Promise<void> {
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${STATE_MIGRATION_MS_MAX}`);
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    const { version } = await readVersion(client);
    if (version === 0) await createVersionTable(client);
    for (const [index, { text, usableFrom }] of migrations.entries()) {
      if (index < version) continue;
      await client.query(text);
      const row = `INSERT INTO profile_gateway.migration (version, usable_from)`;
      await client.query(`${row} VALUES ($1, $2)`, [index + 1, usableFrom]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function createVersionTable(client: Client): Promise<void> {
  // `IF NOT EXISTS` needs the right to create schemas even where an administrator has made it.
  const { rows: schemas } = await client.query(
    `SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'profile_gateway'`,
  );
  if (schemas.length === 0) await client.query('CREATE SCHEMA profile_gateway');
  await client.query(`
    CREATE TABLE profile_gateway.migration (
      version integer PRIMARY KEY,
      usable_from integer NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      applied_by text NOT NULL DEFAULT current_user
    )`);
}

/** Reads the version of the tables, 0 where there are none. */
async function readVersion(client: Client): Promise<TablesVersion> {
  // `to_regclass` may still answer from before the wait for the lock.
  const { rows: tables } = await client.query(
    `SELECT FROM pg_catalog.pg_tables
     WHERE schemaname = 'profile_gateway' AND tablename = 'migration'`,
  );
  const none = { version: 0, usableFrom: 0 };
  if (tables.length === 0) return none;
  const { rows } = await client.query<TablesVersion>(
    `SELECT version, usable_from AS "usableFrom" FROM profile_gateway.migration
     ORDER BY version DESC LIMIT 1`,
  );
  return rows[0] ?? none;
}
