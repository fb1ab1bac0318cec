import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import {
  SQLITE_BUSY_WAIT_MS_MAX,
  SQLITE_OPEN_MS_MAX,
  SQLITE_WAL_BYTES_MAX,
} from '../../../limits.ts';
import { codeOf } from '../../error-place.ts';
import { isBusy, sqliteCodeOf } from './errors.ts';
import { migrate, UnfitFile } from './schema.ts';

/**
 * The end that all transactions outlast: `process` that of a process, `power` also that of the
 * machine, for which each one waits for the disk.
 */
export type SqliteDurability = 'process' | 'power';

export type SqliteFile = {
  readonly db: DatabaseSync;
  /** Reports whether others that open the path get this file: another one has other leases. */
  readonly isInPlace: () => boolean;
};

/** The first SQLite in which two processes that write one file cannot corrupt it. */
const WAL_RESET_FIXED = [3, 51, 3] as const;

/**
 * Reports whether a SQLite, by default that of this process, can corrupt a file in WAL mode that
 * several processes write.
 */
export function hasWalResetFault(version = process.versions.sqlite): boolean {
  const parts = (version ?? '').split('.').map(Number);
  for (const [index, fixed] of WAL_RESET_FIXED.entries()) {
    const part = parts[index] ?? 0;
    if (part !== fixed) return !(part > fixed);
  }
  return false;
}

/**
 * Opens the file at `path`, makes it where there is none, and brings its tables up to date. Others
 * may do so at the same time: it waits for them, and may stop the event loop for as long. Rejects
 * with an error that has the reason.
 */
export async function openSqliteFile(
  path: string,
  durability: SqliteDurability,
): Promise<SqliteFile> {
  makeFile(path);
  const lateMs = performance.now() + SQLITE_OPEN_MS_MAX;
  for (;;) {
    try {
      return openOnce(path, durability);
    } catch (error) {
      // Turning the write-ahead log on does not always wait for others.
      if (!isBusy(error) || performance.now() > lateMs) throw openingError(error);
    }
    await setTimeout(SQLITE_BUSY_WAIT_MS_MAX);
  }
}

function openOnce(path: string, durability: SqliteDurability): SqliteFile {
  const db = new DatabaseSync(path, { timeout: SQLITE_OPEN_MS_MAX });
  try {
    const isInPlace = createPlaceCheck(path);
    setUp(db, durability);
    return { db, isInPlace };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes a file that nobody else may read; those that SQLite adds are like it. */
function makeFile(path: string): void {
  try {
    // Never opens a file that is there: closing it would end all locks that this process has on it.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw new Error(`the state file cannot be made: ${codeOf(error)}`);
  }
}

function setUp(db: DatabaseSync, durability: SqliteDurability): void {
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode !== 'wal') throw new UnfitFile('it cannot have a write-ahead log');
  db.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`);
  db.exec(`PRAGMA journal_size_limit = ${SQLITE_WAL_BYTES_MAX}`);
  migrate(db);
  // A wait of SQLite stops the event loop.
  db.exec('PRAGMA busy_timeout = 0');
}

/** Creates the look at whether `path` still is the file that was opened. */
function createPlaceCheck(path: string): () => boolean {
  const opened = statSync(path);
  let hasMoved = false;
  return () => {
    try {
      const found = statSync(path, { throwIfNoEntry: false });
      // For good: whoever made another file meanwhile has written to the log of this one.
      hasMoved ||= found?.ino !== opened.ino || found.dev !== opened.dev;
      return !hasMoved;
    } catch {
      return false;
    }
  };
}

function openingError(error: unknown): Error {
  if (error instanceof UnfitFile) return new Error(`the state file is unfit: ${error.message}`);
  if (isBusy(error)) return new Error('the state file is locked by another process');
  const code = sqliteCodeOf(error);
  if (code !== undefined) return new Error(`the state file cannot be opened: SQLite error ${code}`);
  return new Error(`the state file cannot be opened: ${codeOf(error)}`);
}
