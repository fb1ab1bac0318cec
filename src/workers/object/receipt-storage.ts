import {
  OBJECT_RECEIPT_CHARACTERS_MAX,
  OBJECT_RECEIPTS_MAX,
  PRUNE_ROWS_MAX,
  RECEIPT_DAYS,
  RECORD_CHARACTERS_MAX,
} from '../../limits.ts';
import type { ReceiptQuery, ReceiptRow, StoredReceipt } from '../../state/state-database.ts';

/** Receipts in the storage of an object, the oldest of which go first. */
export type StoredReceipts = {
  readonly add: (receipt: ReceiptRow) => void;
  readonly find: (writeId: string) => StoredReceipt | undefined;
  /** Lists receipts, the newest first. */
  readonly list: (query: ReceiptQuery) => StoredReceipt[];
  /** Removes what has expired or goes beyond the bounds, a bounded number at a time. */
  readonly prune: () => void;
  /** Returns when the oldest expires, in Unix milliseconds; undefined where there is none. */
  readonly dueMs: () => number | undefined;
};

/** Time for which a receipt is kept. */
export const RECEIPT_MS = RECEIPT_DAYS * 86_400_000;

// `upto` is the length of the texts of all receipts up to this one, so that two rows show the sum.
const RECEIPT_TABLE = `
  CREATE TABLE IF NOT EXISTS receipt (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    write_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    id TEXT NOT NULL,
    target TEXT NOT NULL,
    caller TEXT NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    upto INTEGER NOT NULL
  ) STRICT`;

const RECEIPT_MEMBERS =
  'position, at AS atMs, write_id AS writeId, kind, key, id, target, caller, outcome, body';

const FILTERS = [
  { name: 'key', sql: 'key = ?' },
  { name: 'kind', sql: 'kind = ?' },
  { name: 'id', sql: 'id = ?' },
  { name: 'target', sql: 'target = ?' },
  { name: 'caller', sql: 'caller = ?' },
  { name: 'outcome', sql: 'outcome = ?' },
  { name: 'sinceMs', sql: 'at >= ?' },
  { name: 'untilMs', sql: 'at < ?' },
  { name: 'before', sql: 'position < ?' },
] as const;

type Edge = { readonly position: number; readonly at: number; readonly upto: number };

/** Creates the receipts; each statement runs at once. No index: a row more for each write. */
export function createStoredReceipts(
  { sql }: Pick<DurableObjectStorage, 'sql'>,
  now: () => number = Date.now,
): StoredReceipts {
  sql.exec(RECEIPT_TABLE);
  const edge = (order: 'ASC' | 'DESC'): Edge | undefined =>
    sql
      .exec<Edge>(`SELECT position, at, upto FROM receipt ORDER BY position ${order} LIMIT 1`)
      .toArray()[0];
  const select = (condition: string, ...values: (string | number)[]): StoredReceipt[] =>
    sql
      .exec<StoredReceipt>(
        `SELECT ${RECEIPT_MEMBERS} FROM receipt WHERE ${condition} ORDER BY position DESC LIMIT ?`,
        ...values,
      )
      .toArray();

  const prune = (): void => {
    const newest = edge('DESC');
    const expiredMs = now() - RECEIPT_MS;
    for (let removed = 0; newest !== undefined && removed < PRUNE_ROWS_MAX; removed += 1) {
      const oldest = edge('ASC');
      if (oldest === undefined) return;
      const isFit =
        newest.position - oldest.position < OBJECT_RECEIPTS_MAX &&
        newest.upto - oldest.upto < OBJECT_RECEIPT_CHARACTERS_MAX;
      if (isFit && oldest.at > expiredMs) return;
      sql.exec('DELETE FROM receipt WHERE position = ?', oldest.position);
    }
  };

  return {
    add: ({ body, caller, id, key, kind, outcome, target, writeId }) => {
      const kept = body.length <= RECORD_CHARACTERS_MAX ? body : '{}';
      const { position = 0, upto = 0 } = edge('DESC') ?? {};
      sql.exec(
        'INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ...[position + 1, now(), writeId, kind, key, id, target, caller, outcome, kept],
        upto + kept.length,
      );
      prune();
    },
    find: (writeId) => select('write_id = ?', writeId, 1)[0],
    list: (query) => {
      const held = FILTERS.filter(({ name }) => query[name] !== undefined);
      const condition = ['true', ...held.map(({ sql }) => sql)].join(' AND ');
      return select(condition, ...held.map(({ name }) => query[name] ?? ''), query.max);
    },
    prune,
    dueMs: () => {
      const oldest = edge('ASC');
      return oldest && oldest.at + RECEIPT_MS;
    },
  };
}
