import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteDatabase } from '../../src/node/state/sqlite/database.ts';
import type { StateDatabase } from '../../src/state/state-database.ts';
import { describeDatabase, type Store } from './database-suite.ts';

describeDatabase('SQLite', async (): Promise<Store> => {
  const folder = await mkdtemp(join(tmpdir(), 'state-'));
  const connections: StateDatabase[] = [];
  return {
    connect: async () => {
      const path = join(folder, 'state.db');
      const db = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 2_000 });
      connections.push(db);
      return db;
    },
    dispose: async () => {
      for (const db of connections) await db.close();
      await rm(folder, { recursive: true });
    },
  };
});
