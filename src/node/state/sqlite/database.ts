import type { StateDatabase } from '../../../state/state-database.ts';
import { createConnection } from './connection.ts';
import { createControl } from './control.ts';
import { hasWalResetFault, openSqliteFile, type SqliteDurability } from './file.ts';
import { createLeases } from './leases.ts';
import { createLinks } from './links.ts';
import { createMatches } from './matches/matches.ts';
import { createPruning } from './pruning.ts';
import { createReceipts } from './receipts.ts';
import { createRecovery } from './recovery.ts';
import { createRestored } from './restored.ts';
import { createSessions } from './sessions.ts';

export type SqliteOptions = {
  readonly path: string;
  readonly durability: SqliteDurability;
  /** Longest wait of a call for other processes that write the file. */
  readonly timeoutMs: number;
  /** The version of SQLite; by default that of this process. */
  readonly sqliteVersion?: string;
};

/**
 * Opens a state that the processes of one machine share in one file, and makes the file where there
 * is none. Its calls run at once and in the calling thread: they wait for other processes without
 * stopping the event loop, but for the disk with it. Rejects with an error that has the reason
 * where the file cannot be used, and where this SQLite could corrupt it.
 */
export async function openSqliteDatabase(options: SqliteOptions): Promise<StateDatabase> {
  const { durability, path, sqliteVersion = process.versions.sqlite, timeoutMs } = options;
  if (hasWalResetFault(sqliteVersion)) {
    throw new Error(
      `SQLite ${sqliteVersion} can corrupt a file that several processes write: ` +
        'a state file needs a Node with SQLite 3.51.3 or later',
    );
  }
  const connection = createConnection(await openSqliteFile(path, durability), timeoutMs);
  return {
    lockScope: 'machine',
    ...createSessions(connection),
    ...createLeases(connection),
    ...createRecovery(connection),
    ...createReceipts(connection),
    ...createControl(connection),
    ...createLinks(connection),
    ...createPruning(connection),
    ...createRestored(connection),
    matches: createMatches(connection),
    close: async () => connection.close(),
  };
}
