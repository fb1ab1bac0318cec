import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { SQLITE_BUSY_WAIT_MS_MAX } from '../../../limits.ts';
import { StateUnavailable } from '../../../state/state-database.ts';
import { isBusy, sqliteCodeOf } from './errors.ts';
import type { SqliteFile } from './file.ts';
import { integerAt } from './rows.ts';

/** Transactions on one file. */
export type SqliteConnection = {
  readonly db: DatabaseSync;
  /**
   * Runs `work` in a transaction that no other process's writes come into, with the moment of its
   * start, in Unix milliseconds. Repeats it while another process writes. Rejects with
   * `StateUnavailable`; nothing is stored then, unless the failure was that of the last step.
   */
  readonly write: <T>(work: (nowMs: number) => T) => Promise<T>;
  /** Runs `work`, which only reads, likewise. */
  readonly read: <T>(work: (nowMs: number) => T) => Promise<T>;
  readonly close: () => void;
};

/** Creates the transactions of one open file; each waits for other processes by `timeoutMs`. */
export function createConnection(
  { db, isInPlace }: SqliteFile,
  timeoutMs: number,
): SqliteConnection {
  let isOpen = true;
  const beginningWrite = db.prepare('BEGIN IMMEDIATE');
  const beginningRead = db.prepare('BEGIN');
  const committing = db.prepare('COMMIT');
  // The clock of the database: of all processes with this file, which are on one machine.
  const clock = db.prepare(`SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER) AS now`);
  const nowMs = (): number => integerAt(clock.get(), 'now');

  const inTransaction = <T>(beginning: StatementSync, work: (nowMs: number) => T): T => {
    beginning.run();
    try {
      const result = work(nowMs());
      committing.run();
      return result;
    } catch (error) {
      // SQLite itself rolls back after some failures.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  const attempt = async <T>(run: () => T): Promise<T> => {
    const startedMs = performance.now();
    for (let waitMs = 0; ; waitMs = nextWaitMs(waitMs)) {
      if (!isOpen) throw new StateUnavailable('the state is closed');
      if (!isInPlace()) throw new StateUnavailable('the state file was removed or replaced');
      try {
        return run();
      } catch (error) {
        if (!isBusy(error)) throw stateErrorOf(error);
      }
      if (performance.now() - startedMs + waitMs > timeoutMs) {
        throw new StateUnavailable('another process has locked the state file for too long');
      }
      await (waitMs === 0 ? setImmediate() : setTimeout(waitMs));
    }
  };

  return {
    db,
    write: (work) => attempt(() => inTransaction(beginningWrite, work)),
    read: (work) => attempt(() => inTransaction(beginningRead, work)),
    close: () => {
      if (isOpen) db.close();
      isOpen = false;
    },
  };
}

function nextWaitMs(waitMs: number): number {
  return waitMs === 0 ? 1 : Math.min(2 * waitMs, SQLITE_BUSY_WAIT_MS_MAX);
}

/** The error that callers get for a failure of SQLite; faults of this code stay what they are. */
function stateErrorOf(error: unknown): unknown {
  const code = sqliteCodeOf(error);
  return code === undefined ? error : new StateUnavailable(`SQLite error ${code}`);
}
