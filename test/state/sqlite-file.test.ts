import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openSqliteDatabase } from '../../src/node/state/sqlite/database.ts';
import { hasWalResetFault, openSqliteFile } from '../../src/node/state/sqlite/file.ts';
import { type StateDatabase, StateUnavailable } from '../../src/state/state-database.ts';
import { node, run } from '../support/child.ts';
import { inFolder } from './sqlite-folder.ts';
import { begin, begun, end, receiptIds, receiptRow, sleep, startReplica } from './suite/store.ts';

function opened(path: string, timeoutMs = 200): Promise<StateDatabase> {
  return openSqliteDatabase({ path, durability: 'process', timeoutMs });
}

/** Runs a test with the state of a new file. */
function withFile(work: (db: StateDatabase, path: string) => Promise<void>) {
  return inFolder(async (folder) => {
    const path = join(folder, 'state.db');
    const db = await opened(path);
    try {
      await work(db, path);
    } finally {
      await db.close();
    }
  });
}

/** The error with which a promise rejects. */
async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof Error)) throw new Error('it did not reject');
  return error;
}

test.each<[string, boolean]>([
  ['', true],
  ['3.50.4', true],
  ['3.51.2', true],
  ['3.51.3', false],
  ['3.51.10', false],
  ['3.53.4', false],
  ['4.0.0', false],
])('SQLite %s can corrupt a file that two processes write: %s', (version, isFaulty) => {
  expect(hasWalResetFault(version)).toBe(isFaulty);
});

describe('opening', () => {
  test(
    'fails with a SQLite that could corrupt the file, and makes none',
    inFolder(async (folder) => {
      const options = { durability: 'process', timeoutMs: 1, sqliteVersion: '3.51.2' } as const;
      const error = await errorOf(openSqliteDatabase({ ...options, path: join(folder, 'a') }));
      expect(error.message).toMatch(/SQLite 3\.51\.2 .*3\.51\.3 or later/);
      expect(await readdir(folder)).toEqual([]);
    }),
  );

  test(
    'makes a file that only its owner can read, with all that SQLite puts beside it',
    withFile(async (db, path) => {
      await startReplica(db);
      for (const name of [path, `${path}-wal`, `${path}-shm`]) {
        expect((await stat(name)).mode & 0o777).toBe(0o600);
      }
    }),
  );

  test(
    'by many at once succeeds',
    inFolder(async (folder) => {
      const dbs = await Promise.all([1, 2, 3, 4, 5].map(() => opened(join(folder, 'state.db'))));
      const sessions = await Promise.all(dbs.map((db) => startReplica(db)));
      expect(new Set(sessions).size).toBe(5);
      await Promise.all(dbs.map((db) => db.close()));
    }),
  );

  test(
    'finds what was stored before',
    withFile(async (db, path) => {
      await end(db, await begun(db, await startReplica(db), 'w1'));
      await db.close();
      const again = await opened(path);
      expect(await receiptIds(again)).toEqual(['w1']);
      await again.close();
    }),
  );

  test(
    'has the disk reached by each transaction for power alone, and never waits inside SQLite',
    inFolder(async (folder) => {
      for (const [durability, synchronous] of [
        ['process', 1],
        ['power', 2],
      ] as const) {
        const { db } = await openSqliteFile(join(folder, durability), durability);
        const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
        expect(pragma('synchronous')).toBe(synchronous);
        expect(pragma('busy_timeout')).toBe(0);
        expect(pragma('journal_mode')).toBe('wal');
        expect(pragma('journal_size_limit')).toBe(64 * 1024 * 1024);
        expect(pragma('wal_autocheckpoint')).toBe(1_000);
        db.close();
      }
    }),
  );

  test(
    'names the reason where the file cannot be had',
    inFolder(async (folder) => {
      const missing = await errorOf(opened(join(folder, 'none', 'state.db')));
      expect(missing.message).toBe('the state file cannot be made: ENOENT');
      await writeFile(join(folder, 'text'), 'no database, but more than a hundred bytes'.repeat(9));
      const text = await errorOf(opened(join(folder, 'text')));
      expect(text.message).toBe('the state file cannot be opened: SQLite error 26');
      await mkdir(join(folder, 'folder'));
      const isFolder = await errorOf(opened(join(folder, 'folder')));
      expect(isFolder.message).toBe('the state file cannot be opened: SQLite error 14');
    }),
  );

  test(
    'names the reason where a folder or file is read-only',
    inFolder(async (folder) => {
      await (await opened(join(folder, 'state.db'))).close();
      await chmod(join(folder, 'state.db'), 0o444);
      await chmod(folder, 0o555);
      const stranger = async (name: string) =>
        (await run(node(['test/state/children/stranger.ts', join(folder, name)]))).stdout;
      const [made, found] = await Promise.all([stranger('new.db'), stranger('state.db')]);
      await chmod(folder, 0o755);
      expect(made).toBe('Error: the state file cannot be made: EACCES\n');
      expect(found).toMatch(/^Error: the state file cannot be opened: SQLite error \d+\n$/);
    }),
  );

  test(
    'fails for a file of a later version, and leaves it as it is',
    withFile(async (db, path) => {
      await db.close();
      const raw = new DatabaseSync(path);
      raw.exec('INSERT INTO schema_version VALUES (99, 0)');
      const error = await errorOf(opened(path));
      expect(error.message).toMatch(/unfit: its schema has version 99, later than \d+$/);
      expect(raw.prepare('SELECT max(version) AS v FROM schema_version').get()).toEqual({ v: 99 });
      raw.close();
    }),
  );
});

describe('while another process writes', () => {
  test(
    'a call rejects in time, and the event loop goes on',
    withFile(async (db, path) => {
      const replica = await startReplica(db);
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      let ticks = 0;
      const timer = setInterval(() => {
        ticks += 1;
      }, 5);
      const startedMs = performance.now();
      const error = await errorOf(begin(db, replica, 'w1'));
      const tookMs = performance.now() - startedMs;
      clearInterval(timer);
      expect(error).toBeInstanceOf(StateUnavailable);
      expect(error.message).toBe('another process has locked the state file for too long');
      expect(tookMs).toBeGreaterThan(100);
      expect(tookMs).toBeLessThan(1_000);
      expect(ticks).toBeGreaterThan(5);
      other.exec('ROLLBACK');
      other.close();
      await begun(db, replica, 'w1');
    }),
  );

  test(
    'a call goes through as soon as it is done, and reads do not wait',
    withFile(async (db, path) => {
      const replica = await startReplica(db);
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      const beginning = begin(db, replica, 'w1');
      expect(await receiptIds(db)).toEqual([]);
      await sleep(50);
      other.exec('COMMIT');
      other.close();
      expect(await beginning).toMatchObject({ kind: 'begun' });
    }),
  );
});

describe('a failure', () => {
  test(
    'of one item stores none of its call, quotes nothing, and leaves the state at work',
    withFile(async (db, path) => {
      const replica = await startReplica(db);
      const leases = [];
      for (const key of ['a', 'b']) leases.push(await begun(db, replica, `of ${key}`, { key }));
      const raw = new DatabaseSync(path);
      raw.exec(`CREATE TRIGGER t BEFORE INSERT ON receipt WHEN new.write_id = 'of b'
        BEGIN SELECT RAISE(ABORT, 'quoted'); END`);
      const ends = leases.map((lease) => ({
        ...lease,
        doubtMs: 0,
        receipt: receiptRow(lease.writeId),
      }));
      const error = await errorOf(db.end(ends));
      expect(error).toBeInstanceOf(StateUnavailable);
      expect(error.message).toMatch(/^SQLite error \d+$/);
      expect(await receiptIds(db)).toEqual([]);
      raw.exec('DROP TRIGGER t');
      raw.close();
      expect(await db.end(ends)).toEqual(['stored', 'stored']);
    }),
  );

  test(
    'by damage to the file is that of the state',
    withFile(async (db, path) => {
      for (let index = 0; index < 200; index += 1) await db.addReceipt(receiptRow(`c${index}`));
      await db.close();
      const { size } = await stat(path);
      await writeFile(path, Buffer.alloc(size - 4_096, 0xff), { flag: 'r+', flush: true });
      const error = await errorOf(opened(path).then((again) => receiptIds(again)));
      expect(error.message).toMatch(/SQLite error \d+$/);
    }),
  );

  test(
    'follows for good when the file is removed or replaced: another one has other leases',
    withFile(async (db, path) => {
      const replica = await startReplica(db);
      await rename(path, `${path}.moved`);
      expect(await errorOf(begin(db, replica, 'w1'))).toBeInstanceOf(StateUnavailable);
      const another = await opened(path);
      const error = await errorOf(begin(db, replica, 'w1'));
      expect(error).toBeInstanceOf(StateUnavailable);
      expect(error.message).toBe('the state file was removed or replaced');
      await another.close();
      await rm(path);
      await rename(`${path}.moved`, path);
      expect(await errorOf(begin(db, replica, 'w1'))).toBeInstanceOf(StateUnavailable);
    }),
  );
});

test(
  'a search among many receipts lets other work go on',
  withFile(async (db, path) => {
    const raw = new DatabaseSync(path);
    raw.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20001)
      INSERT INTO receipt (at, write_id, kind, key, id, target, caller, outcome, body)
      SELECT i, i, 'write', 'k', 'i', 't', 'c', iif(i = 7, 'rare', 'applied'), '{}' FROM n`);
    raw.close();
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const rare = await receiptIds(db, { outcome: 'rare', caller: 'c' });
    isOver = true;
    expect(rare).toEqual(['7']);
    expect(turns).toBeGreaterThan(8);
    expect((await receiptIds(db, { max: 5_000 })).length).toBe(5_000);
  }),
);
