import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openPostgresDatabase } from '../../../src/node/state/postgres/database.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import type { PostgresServer } from '../postgres-server.ts';
import { startProxy } from '../stalling-proxy.ts';

/** Place of a state, as a process opens it. */
export type StoreAddress = { readonly path: string } | { readonly url: string };

/** A state that chaos can trouble. */
export type ChaosStore = {
  readonly address: StoreAddress;
  /** Another connection, past all trouble. */
  readonly connect: () => Promise<StateDatabase>;
  /** Keeps all from the state for a while. */
  readonly stall: (ms: number) => Promise<void>;
  /** Breaks all connections to it. */
  readonly cut: () => Promise<void>;
  /** Crashes its server, and starts it again. */
  readonly crash: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Longest wait of one call: at most half of a session. */
const TIMEOUT_MS = 500;
const PATIENT_MS = 5_000;

/** Opens a state as a replica does. */
export function openStore(
  address: StoreAddress,
  timeoutMs = TIMEOUT_MS,
  sessionMs?: number,
): Promise<StateDatabase> {
  return 'path' in address
    ? openSqliteDatabase({ ...address, durability: 'process', timeoutMs })
    : openPostgresDatabase({
        ...{ ...address, durability: 'power', schema: 'auto', timeoutMs },
        ...(sessionMs === undefined ? {} : { sessionMs }),
      });
}

/** Frees a profile, whoever holds it. */
export async function freeIn(address: StoreAddress, key: string): Promise<void> {
  if ('path' in address) {
    const db = new DatabaseSync(address.path, { timeout: 1_000 });
    db.prepare('UPDATE lease SET replica = 0, doubt_until = 0 WHERE key = ?').run(key);
    db.close();
    return;
  }
  const client = new Client({ connectionString: address.url });
  await client.connect();
  const free = 'UPDATE profile_gateway.lease SET replica = 0, doubt_until = NULL WHERE key = $1';
  await client.query(free, [key]);
  await client.end();
}

export function sqliteStore(path: string): ChaosStore {
  return {
    address: { path },
    connect: () => openStore({ path }, PATIENT_MS),
    stall: async (ms) => {
      const db = new DatabaseSync(path, { timeout: 1_000 });
      try {
        db.exec('BEGIN IMMEDIATE');
        await sleep(ms);
        db.exec('ROLLBACK');
      } catch {
        // Another one holds it: that is a stall too.
      } finally {
        db.close();
      }
    },
    cut: async () => {},
    crash: async () => {},
    close: async () => {},
  };
}

/** A state in a server; `port` is that of a pooler in front of it. */
export async function postgresStore(
  server: PostgresServer,
  port = server.port,
): Promise<ChaosStore> {
  await server.empty();
  const proxy = await startProxy(port);
  return {
    address: { url: server.url(proxy.port) },
    connect: () => openStore({ url: server.url() }, PATIENT_MS),
    stall: async (ms) => {
      proxy.stall();
      await sleep(ms);
      // What was stalled is broken: a proxy that has lost its connections never delivers more.
      proxy.pass();
      proxy.cut();
    },
    cut: async () => proxy.cut(),
    crash: async () => server.crash(),
    close: proxy.close,
  };
}
