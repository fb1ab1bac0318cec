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
        const from = before - RECEIPTS_PER_TURN;
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

/** Conditions on receipts, those first by which the fewest are left. */
const CONDITIONS = [
  { name: 'key', sql: 'key = ?', index: 'receipt_by_key' },
  { name: 'id', sql: 'id = ?', index: 'receipt_by_id' },
  { name: 'caller', sql: 'caller = ?', index: 'receipt_by_caller' },
  { name: 'kind', sql: 'kind = ?', index: undefined },
  { name: 'target', sql: 'target = ?', index: undefined },
  { name: 'outcome', sql: 'outcome = ?', index: undefined },
  { name: 'sinceMs', sql: 'at >= ?', index: undefined },
  { name: 'untilMs', sql: 'at < ?', index: undefined },
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
    const index = held.find((condition) => condition.index !== undefined)?.index;
    const values = held.map(({ name }): SQLInputValue => query[name] ?? null);
    const statement = prepared(`
      SELECT ${COLUMNS} FROM receipt ${index === undefined ? 'NOT INDEXED' : `INDEXED BY ${index}`}
      WHERE ${[...held.map(({ sql }) => sql), 'position >= ?', 'position < ?'].join(' AND ')}
      ORDER BY position DESC LIMIT ?`);
    return statement.all(...values, from, before, max);
  };
}
