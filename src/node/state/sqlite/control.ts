import type { CooldownRow, DrainRow } from '../../../state/control/control-rows.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { createReceiptInsert } from './receipts.ts';
import { integerAt, type SqliteRow, textAt } from './rows.ts';

type StoredControl = Pick<StateDatabase, 'control' | 'setDrain' | 'setCooldown'>;

/** Creates the statements about what holds for all replicas. */
export function createControl({ db, read, write }: SqliteConnection): StoredControl {
  const heading = db.prepare('SELECT version FROM link_head');
  const drains = db.prepare('SELECT target, since, by, reason FROM drain ORDER BY target');
  const cooldowns = db.prepare('SELECT credential, until, length_ms FROM credential_cooldown');
  const draining = db.prepare(`
    INSERT INTO drain VALUES (?, ?, ?, ?) ON CONFLICT (target) DO NOTHING`);
  const undraining = db.prepare('DELETE FROM drain WHERE target = ?');
  const cooling = db.prepare(`
    INSERT INTO credential_cooldown VALUES (?1, ?2, ?3) ON CONFLICT (credential) DO UPDATE SET
      until = max(until, ?2), length_ms = max(length_ms, ?3)`);
  const forgetting = db.prepare('DELETE FROM credential_cooldown WHERE credential = ?');
  const finding = db.prepare(`
    SELECT 1 FROM receipt WHERE write_id = ?1 UNION ALL
    SELECT 1 FROM receipt INDEXED BY receipt_of_drain
    WHERE kind IN ('drain', 'undrain') AND target = ?2 AND at > ?3`);
  const insertReceipt = createReceiptInsert(db);

  return {
    control: () =>
      read((nowMs) => ({
        linksVersion: integerAt(heading.get(), 'version'),
        drains: drains.all().map(drainOf),
        cooldowns: cooldowns.all().map((row) => cooldownOf(row, nowMs)),
      })),
    setDrain: (target, drain, receipt, waitedMs = 0) =>
      write((nowMs) => {
        const askedAtMs = nowMs - Math.ceil(waitedMs);
        // One that has waited must not undo what was asked for later.
        const isLast = finding.get(receipt.writeId, target, askedAtMs) === undefined;
        const change = () =>
          drain === undefined
            ? undraining.run(target)
            : draining.run(target, nowMs, drain.by, drain.reason);
        const outcome = isLast && change().changes === 1 ? receipt.outcome : 'noop';
        insertReceipt({ ...receipt, outcome }, null, askedAtMs);
      }),
    setCooldown: ({ credential, lengthMs }) =>
      write((nowMs) => {
        if (lengthMs <= 0) forgetting.run(credential);
        else cooling.run(credential, nowMs + Math.ceil(lengthMs), Math.ceil(lengthMs));
      }),
  };
}

function drainOf(row: SqliteRow): DrainRow {
  return {
    target: textAt(row, 'target'),
    sinceMs: integerAt(row, 'since'),
    by: textAt(row, 'by'),
    reason: textAt(row, 'reason'),
  };
}

function cooldownOf(row: SqliteRow, nowMs: number): CooldownRow {
  return {
    credential: textAt(row, 'credential'),
    leftMs: integerAt(row, 'until') - nowMs,
    lengthMs: integerAt(row, 'length_ms'),
  };
}
