import { RECORD_CHARACTERS_MAX } from '../../limits.ts';
import type { LeaseName } from '../../state/state-database.ts';

/** A write whose end is not stored. */
export type LedgerWrite = LeaseName & {
  /** The intent, as JSON; empty where it was too long to be stored. */
  readonly intent: string;
  readonly keyHash: string | undefined;
  /** Unix milliseconds. */
  readonly beganAtMs: number;
  /** When it is looked at next, in Unix milliseconds, and how often it was in vain. */
  readonly lookAtMs: number;
  readonly looks: number;
};

/** The last write of the profile of an object, from before it is sent until its end is stored. */
export type WriteLedger = {
  /** Stores a write that begins, and returns its fence: it grows with each write. */
  readonly open: (
    write: Pick<LedgerWrite, 'key' | 'writeId' | 'intent' | 'keyHash' | 'beganAtMs' | 'lookAtMs'>,
  ) => number;
  /** Replaces the intent; false where the write is closed. */
  readonly amend: (write: LeaseName, intent: string) => boolean;
  /** Closes a write; false where it is closed already. */
  readonly close: (write: LeaseName) => boolean;
  readonly openWrite: () => LedgerWrite | undefined;
  /** Notes a look in vain at a write while it is open, and when the next one is due. */
  readonly lookAgain: (write: LeaseName, lookAtMs: number) => void;
  /** Returns the last write, whether open or closed. */
  readonly last: () => LedgerWrite | undefined;
};

const LEASE_TABLE = `
  CREATE TABLE IF NOT EXISTS lease (
    key TEXT PRIMARY KEY,
    fence INTEGER NOT NULL,
    write_id TEXT NOT NULL,
    key_hash TEXT,
    intent TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    look_at INTEGER NOT NULL,
    looks INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`;

type LeaseRow = {
  readonly key: string;
  readonly fence: number;
  readonly write_id: string;
  readonly key_hash: string | null;
  readonly intent: string;
  readonly began_at: number;
  readonly look_at: number;
  readonly looks: number;
};

/** Creates the ledger in the storage of an object; its statements run at once. */
export function createWriteLedger({ sql }: Pick<DurableObjectStorage, 'sql'>): WriteLedger {
  sql.exec(LEASE_TABLE);
  const find = (condition: string): LedgerWrite | undefined => {
    const [row] = sql.exec<LeaseRow>(`SELECT * FROM lease WHERE ${condition} LIMIT 1`).toArray();
    return row && writeOf(row);
  };
  /** Changes the write if it is open. */
  const change = (
    set: string,
    { fence, key, writeId }: LeaseName,
    ...values: (string | number)[]
  ): boolean =>
    sql
      .exec(
        `UPDATE lease SET ${set} WHERE key = ? AND fence = ? AND write_id = ? AND is_open = 1
         RETURNING 1`,
        ...values,
        key,
        fence,
        writeId,
      )
      .toArray().length === 1;

  return {
    open: ({ beganAtMs, intent, key, keyHash = null, lookAtMs, writeId }) =>
      sql
        .exec<Pick<LeaseRow, 'fence'>>(
          `INSERT INTO lease VALUES (?, 1, ?, ?, ?, 1, ?, ?, 0)
           ON CONFLICT (key) DO UPDATE SET
             fence = fence + 1, write_id = excluded.write_id, key_hash = excluded.key_hash,
             intent = excluded.intent, is_open = 1, began_at = excluded.began_at,
             look_at = excluded.look_at, looks = 0
           RETURNING fence`,
          key,
          writeId,
          keyHash,
          storable(intent),
          beganAtMs,
          lookAtMs,
        )
        .one().fence,
    amend: (write, intent) => change('intent = ?', write, storable(intent)),
    close: (write) => change('is_open = 0', write),
    openWrite: () => find('is_open = 1'),
    lookAgain: (write, lookAtMs) => {
      change('look_at = ?, looks = looks + 1', write, lookAtMs);
    },
    last: () => find('true'),
  };
}

/** Reports whether an object has a ledger, of a time with a key of hashes; it writes nothing. */
export function hasWriteLedger({ sql }: Pick<DurableObjectStorage, 'sql'>): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'lease'").toArray().length > 0;
}

/** An intent that does not fit in a row cannot be compared later: its write ends as unknown. */
function storable(intent: string): string {
  return intent.length <= RECORD_CHARACTERS_MAX ? intent : '';
}

function writeOf(row: LeaseRow): LedgerWrite {
  return {
    key: row.key,
    fence: row.fence,
    writeId: row.write_id,
    intent: row.intent,
    keyHash: row.key_hash ?? undefined,
    beganAtMs: row.began_at,
    lookAtMs: row.look_at,
    looks: row.looks,
  };
}
