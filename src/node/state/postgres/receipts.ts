import type {
  ReceiptQuery,
  ReceiptRow,
  StateDatabase,
  StoredReceipt,
} from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import type { SqlStatement } from './session.ts';

const RECEIPT_COLUMNS = `position, floor(extract(epoch FROM at) * 1000)::bigint AS "atMs",
  write_id AS "writeId", kind, key, id, target, caller, outcome, body`;

export const ADD_RECEIPT: SqlStatement = {
  name: 'add_receipt',
  text: `
INSERT INTO profile_gateway.receipt (write_id, kind, key, id, target, caller, outcome, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (write_id) DO NOTHING`,
};

export const RECEIPT: SqlStatement = {
  name: 'receipt',
  text: `SELECT ${RECEIPT_COLUMNS} FROM profile_gateway.receipt WHERE write_id = $1::text`,
};

/**
 * Removes at most `$4` rows of each kind. ReceiptCalls go in the order of their positions, which is
 * that of their moments. Rows that another replica removes or writes are left to it.
 */
export const PRUNE: SqlStatement = {
  name: 'prune',
  text: `
WITH receipts AS (
  DELETE FROM profile_gateway.receipt WHERE position IN (
    SELECT position FROM profile_gateway.receipt
    WHERE at <= clock_timestamp() - $1::float8 * interval '1 millisecond'
    ORDER BY position LIMIT $4::bigint FOR UPDATE SKIP LOCKED
  ) RETURNING 1
), answers AS (
  DELETE FROM profile_gateway.idempotency WHERE (caller, id, key_hash) IN (
    SELECT caller, id, key_hash FROM profile_gateway.idempotency
    WHERE at <= clock_timestamp() - $2::float8 * interval '1 millisecond'
    ORDER BY at LIMIT $4::bigint FOR UPDATE SKIP LOCKED
  ) RETURNING 1
), leases AS (
  DELETE FROM profile_gateway.lease WHERE key IN (
    SELECT key FROM profile_gateway.lease
    WHERE replica = 0 AND begun_at <= clock_timestamp() - $3::float8 * interval '1 millisecond'
      AND (doubt_until IS NULL OR doubt_until < clock_timestamp())
      AND (raised_until IS NULL OR raised_until < clock_timestamp())
    LIMIT $4::bigint FOR UPDATE SKIP LOCKED
  ) RETURNING 1
), replicas AS (
  DELETE FROM profile_gateway.replica WHERE id IN (
    SELECT id FROM profile_gateway.replica
    WHERE closed AND touched_at <= clock_timestamp() - $3::float8 * interval '1 millisecond'
      AND NOT EXISTS (SELECT FROM profile_gateway.lease WHERE lease.replica = replica.id)
    LIMIT $4::bigint FOR UPDATE SKIP LOCKED
  ) RETURNING 1
)
SELECT (SELECT count(*) FROM receipts) + (SELECT count(*) FROM answers)
  + (SELECT count(*) FROM leases) + (SELECT count(*) FROM replicas) AS went`,
};

/** Conditions by the members of a query. */
const RECEIPT_CONDITIONS = {
  key: 'key = ?',
  kind: 'kind = ?',
  id: 'id = ?',
  target: 'target = ?',
  caller: 'caller = ?',
  outcome: 'outcome = ?',
  sinceMs: 'at >= to_timestamp(?::float8 / 1000)',
  untilMs: 'at < to_timestamp(?::float8 / 1000)',
  before: 'position < ?::bigint',
} as const satisfies Record<Exclude<keyof ReceiptQuery, 'max'>, string>;

type ReceiptCalls = 'addReceipt' | 'receipts' | 'receipt' | 'prune';

/** Keeps receipts, and removes what has served its time. */
export function postgresReceipts(slow: PostgresConnection): Pick<StateDatabase, ReceiptCalls> {
  return {
    addReceipt: async (receipt) => {
      await slow.call((query) => query(ADD_RECEIPT, receiptValues(receipt)));
    },

    receipts: async (query) => {
      const { statement, values } = selectReceipts(query);
      return await slow.call((send) => send<StoredReceipt>(statement, values));
    },

    receipt: async (writeId) => {
      const rows = await slow.call((query) => query<StoredReceipt>(RECEIPT, [writeId]));
      return rows[0];
    },

    prune: async ({ receiptMs, answerMs, idleMs }, max) => {
      const values = [receiptMs, answerMs, idleMs, max];
      const rows = await slow.call((query) => query<{ went: number }>(PRUNE, values));
      return rows[0]?.went ?? 0;
    },
  };
}

/** Returns a receipt as the values of a statement. */
export function receiptValues(receipt: ReceiptRow): string[] {
  const { writeId, kind, key, id, target, caller, outcome, body } = receipt;
  return [writeId, kind, key, id, target, caller, outcome, body];
}

/** Makes a statement of the conditions that are there: its plan uses their indexes alone. */
function selectReceipts({ max, ...query }: ReceiptQuery): {
  statement: SqlStatement;
  values: unknown[];
} {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const names: string[] = [];
  for (const [name, condition] of Object.entries(RECEIPT_CONDITIONS)) {
    const value = new Map<string, unknown>(Object.entries(query)).get(name);
    if (value === undefined) continue;
    values.push(value);
    names.push(name);
    conditions.push(condition.replace('?', `$${values.length}`));
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const limit = `ORDER BY position DESC LIMIT $${values.length + 1}::bigint`;
  return {
    statement: {
      name: ['receipts', ...names].join('_'),
      text: `SELECT ${RECEIPT_COLUMNS} FROM profile_gateway.receipt ${where} ${limit}`,
    },
    values: [...values, max],
  };
}
