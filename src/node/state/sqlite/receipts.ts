import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { RECEIPTS_PER_TURN } from '../../../limits.ts';
import type {
  ReceiptQuery,
  ReceiptRow,
  StateDatabase,
  StoredReceipt,
} from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { integerAt, type SqliteRow, textAt } from './rows.ts';

type Receipts = Pick<StateDatabase, 'addReceipt' | 'receipts' | 'receipt'>;

/** Stores a receipt, unless its write has one; `fence` is that of the write's lease. */
export type InsertReceipt = (receipt: ReceiptRow, fence: number | null, nowMs: number) => void;

const COLUMNS = 'position, at, write_id, kind, key, id, target, caller, outcome, body';

export function createReceiptInsert(db: DatabaseSync): InsertReceipt {
  const inserting = db.prepare(`
    INSERT INTO receipt (at, write_id, fence, kind, key, id, target, caller, outcome, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (write_id) DO NOTHING`);
  return ({ body, caller, id, key, kind, outcome, target, writeId }, fence, nowMs) => {
    inserting.run(nowMs, writeId, fence, kind, key, id, target, caller, outcome, body);
  };
}

/** Creates the statements about receipts. */
export function createReceipts(connection: SqliteConnection): Receipts {
  const { db, read, write } = connection;
  const insert = createReceiptInsert(db);
  const looking = db.prepare(`SELECT ${COLUMNS} FROM receipt WHERE write_id = ?`);
  // Of both in one query SQLite would look at every receipt.
  const ends = db.prepare(`
    SELECT coalesce((SELECT min(position) FROM receipt), 0) AS first,
      coalesce((SELECT max(position) FROM receipt), 0) AS last`);
  const search = createSearch(db);

  return {
    addReceipt: (receipt) => write((nowMs) => insert(receipt, null, nowMs)),
    receipt: (writeId) =>
      read(() => {
        const row = looking.get(writeId);
        return row === undefined ? undefined : receiptOf(row);
      }),
    receipts: async (query) => {
      const found: StoredReceipt[] = [];
      const { first, last } = await read(() => {
        const row = ends.get();
        return { first: integerAt(row, 'first'), last: integerAt(row, 'last') };
      });
      let before = Math.min(query.before ?? last + 1, last + 1);
      while (before > first && found.length < query.max) {
        const from = Math.max(0, blockOf(before - 1) - BLOCKS_PER_TURN + 1) * 2 ** BLOCK_BITS;
        const rows = await read(() => search(query, from, before, query.max - found.length));
        found.push(...rows.map(receiptOf));
        before = from;
        await setImmediate();
      }
      return found;
    },
  };
}

function receiptOf(row: SqliteRow): StoredReceipt {
  return {
    position: integerAt(row, 'position'),
    atMs: integerAt(row, 'at'),
    writeId: textAt(row, 'write_id'),
    kind: textAt(row, 'kind'),
    key: textAt(row, 'key'),
    id: textAt(row, 'id'),
    target: textAt(row, 'target'),
    caller: textAt(row, 'caller'),
    outcome: textAt(row, 'outcome'),
    body: textAt(row, 'body'),
  };
}

/** Receipts whose positions have the same higher bits stand together in their index. */
const BLOCK_BITS = 8;
const BLOCKS_PER_TURN = RECEIPTS_PER_TURN >> BLOCK_BITS;

function blockOf(position: number): number {
  return Math.floor(position / 2 ** BLOCK_BITS);
}

/** Conditions on receipts; by those that are indexed few are looked at in each block. */
const CONDITIONS = [
  { name: 'key', sql: 'key = ?', isIndexed: true },
  { name: 'id', sql: 'id = ?', isIndexed: true },
  { name: 'caller', sql: 'caller = ?', isIndexed: true },
  { name: 'kind', sql: 'kind = ?', isIndexed: false },
  { name: 'target', sql: 'target = ?', isIndexed: false },
  { name: 'outcome', sql: 'outcome = ?', isIndexed: false },
  { name: 'sinceMs', sql: 'at >= ?', isIndexed: false },
  { name: 'untilMs', sql: 'at < ?', isIndexed: false },
] as const;

/** Lists receipts from one position to before another, the newest first. */
type Search = (query: ReceiptQuery, from: number, before: number, max: number) => SqliteRow[];

function createSearch(db: DatabaseSync): Search {
  /** Statements by their text: one for each set of conditions that somebody has asked for. */
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  return (query, from, before, max) => {
    const held = CONDITIONS.filter(({ name }) => query[name] !== undefined);
    const values = held.map(({ name }): SQLInputValue => query[name] ?? null);
    const conditions = held.map(({ sql }) => sql);
    if (!held.some(({ isIndexed }) => isIndexed)) {
      const statement = prepared(`
        SELECT ${COLUMNS} FROM receipt NOT INDEXED
        WHERE ${[...conditions, 'position >= ?', 'position < ?'].join(' AND ')}
        ORDER BY position DESC LIMIT ?`);
      return statement.all(...values, from, before, max);
    }
    const statement = prepared(`
      SELECT ${COLUMNS} FROM receipt INDEXED BY receipt_by_block
      WHERE ${['position >> 8 = ?', ...conditions, 'position < ?'].join(' AND ')}
      ORDER BY position DESC LIMIT ?`);
    const rows: SqliteRow[] = [];
    for (let block = blockOf(before - 1); block >= blockOf(from); block -= 1) {
      rows.push(...statement.all(block, ...values, before, max - rows.length));
      if (rows.length === max) break;
    }
    return rows;
  };
}
