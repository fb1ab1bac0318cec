import type { DatabaseSync } from 'node:sqlite';
import { integerAt } from './rows.ts';

/**
 * Changes of the schema, each run once per file and never altered later. Moments are Unix
 * milliseconds. Nobody holds a lease where `replica` is 0; it is in doubt until the later of
 * `doubt_until`, which its end sets, and `raised_until`, which no end takes back.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE replica (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    beat INTEGER NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT;

  -- Profiles that are held or in doubt, the latest begun at the end. Few rows that stand together:
  -- the writes of one batch change few pages, each of which a commit must write.
  CREATE TABLE lease (
    fence INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    replica INTEGER NOT NULL,
    write_id TEXT NOT NULL,
    key_hash TEXT,
    intent TEXT,
    begun_at INTEGER NOT NULL,
    doubt_until INTEGER NOT NULL DEFAULT 0,
    raised_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX lease_in_doubt ON lease (key) WHERE max(doubt_until, raised_until) > 0;

  -- Every fence comes from here, so none is below an earlier one of its profile.
  CREATE TABLE last_fence (id INTEGER PRIMARY KEY CHECK (id = 1), fence INTEGER NOT NULL) STRICT;
  INSERT INTO last_fence VALUES (1, 0);

  CREATE TABLE receipt (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    write_id TEXT NOT NULL,
    fence INTEGER,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    id TEXT NOT NULL,
    target TEXT NOT NULL,
    caller TEXT NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX receipt_by_write ON receipt (write_id);
  CREATE INDEX receipt_by_key ON receipt (key, position);
  CREATE INDEX receipt_by_id ON receipt (id, position);
  CREATE INDEX receipt_by_caller ON receipt (caller, position);

  CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    write_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    sealed TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (caller, id, key_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_time ON idempotency (at);
  `,
  `
  ALTER TABLE replica ADD COLUMN links_version INTEGER NOT NULL DEFAULT 0;

  -- The version of all links.
  CREATE TABLE link_head (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT;
  INSERT INTO link_head VALUES (1, 0);

  -- Without targets an id has no link, whatever a file says.
  CREATE TABLE link (
    id TEXT PRIMARY KEY,
    targets TEXT,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_by_version ON link (version, id);
  CREATE TABLE link_target (
    target TEXT NOT NULL,
    upstream_id TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (target, upstream_id, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE drain (
    target TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE credential_cooldown (
    credential TEXT PRIMARY KEY,
    until INTEGER NOT NULL,
    length_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE restored (at INTEGER NOT NULL, keys_lost_until INTEGER NOT NULL) STRICT;
  `,
  `
  -- Comparisons of the profiles of two targets. A replica works on one until \`leased_until\`.
  CREATE TABLE match_run (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    by TEXT NOT NULL,
    spec TEXT NOT NULL,
    state TEXT NOT NULL,
    progress TEXT NOT NULL,
    problem TEXT NOT NULL DEFAULT '',
    fence INTEGER NOT NULL DEFAULT 0,
    decisions INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  -- Profiles of a run, by hashes of their keys. A link leads to one where \`link_id\` is there; the
  -- same link names \`linked_to\` at the other target.
  CREATE TABLE match_item (
    run TEXT NOT NULL,
    side INTEGER NOT NULL,
    upstream_id TEXT NOT NULL,
    key TEXT NOT NULL,
    has_key INTEGER NOT NULL,
    new_link_id TEXT NOT NULL,
    link_id TEXT,
    linked_to TEXT,
    PRIMARY KEY (run, side, upstream_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX match_item_by_key ON match_item (run, key, side);
  CREATE INDEX match_item_by_link ON match_item (run, link_id) WHERE link_id IS NOT NULL;

  CREATE TABLE match_candidate (
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    situation TEXT NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX match_candidate_by_situation ON match_candidate (run, situation, key);

  -- Each pair in both directions; a pair stays refused in later runs.
  CREATE TABLE match_refusal (
    first_target TEXT NOT NULL,
    second_target TEXT NOT NULL,
    first_id TEXT NOT NULL,
    second_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (first_target, second_target, first_id, second_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- By blocks of receipts, so that the receipts of one commit change few pages of it: an index by
  -- profile takes a third of the time of a write.
  CREATE INDEX receipt_by_block ON receipt (position >> 8, key, id, caller);
  CREATE INDEX receipt_of_drain ON receipt (target, at) WHERE kind IN ('drain', 'undrain');
  DROP INDEX receipt_by_key;
  DROP INDEX receipt_by_id;
  DROP INDEX receipt_by_caller;
  `,
];

/** The file is not one that this version can work with. */
export class UnfitFile extends Error {
  override name = 'UnfitFile';
}

/**
 * Brings the tables of a file up to date, in one transaction. Throws `UnfitFile` for a
 * schema of a later version.
 */
export function migrate(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(`CREATE TABLE IF NOT EXISTS schema_version (
      version INTEGER PRIMARY KEY,
      at INTEGER NOT NULL
    ) STRICT`);
    const row = db.prepare('SELECT coalesce(max(version), 0) AS version FROM schema_version').get();
    const version = integerAt(row, 'version');
    if (version > MIGRATIONS.length) {
      throw new UnfitFile(`its schema has version ${version}, later than ${MIGRATIONS.length}`);
    }
    for (const [index, text] of MIGRATIONS.entries()) {
      if (index < version) continue;
      db.exec(text);
      db.prepare('INSERT INTO schema_version VALUES (?, unixepoch() * 1000)').run(index + 1);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
