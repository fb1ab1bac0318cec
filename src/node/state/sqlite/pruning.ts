import type { StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { integerAt } from './rows.ts';

/** Creates the statement that removes what has served its time. */
export function createPruning({ db, write }: SqliteConnection): Pick<StateDatabase, 'prune'> {
  // The oldest stand first, so that a call looks at no more than it may remove.
  const receipts = db.prepare(`
    DELETE FROM receipt WHERE at <= ?1
      AND position IN (SELECT position FROM receipt ORDER BY position LIMIT ?2)`);
  const answers = db.prepare(`
    DELETE FROM idempotency WHERE (caller, id, key_hash) IN (
      SELECT caller, id, key_hash FROM idempotency WHERE at <= ?1 ORDER BY at LIMIT ?2)`);
  const leases = db.prepare(`
    DELETE FROM lease WHERE key IN (
      SELECT key FROM lease
      WHERE replica = 0 AND touched_at <= ?1 AND max(doubt_until, raised_until) <= ?3
      ORDER BY touched_at LIMIT ?2)
    RETURNING fence`);
  const raisingFloor = db.prepare('UPDATE fence_floor SET fence = max(fence, ?)');
  const sessions = db.prepare(`
    DELETE FROM replica WHERE id IN (
      SELECT id FROM replica WHERE closed_at <= ?1
        AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.replica = replica.id)
      ORDER BY id LIMIT ?2)`);

  /** Removes leases, and has those that come again begin above their fences. */
  const removeLeases = (idleMs: number, max: number, nowMs: number): number => {
    const fences = leases.all(nowMs - idleMs, max, nowMs).map((row) => integerAt(row, 'fence'));
    if (fences.length > 0) raisingFloor.run(fences.reduce((one, two) => Math.max(one, two)));
    return fences.length;
  };

  return {
    prune: ({ answerMs, idleMs, receiptMs }, max) =>
      write(
        (nowMs) =>
          Number(receipts.run(nowMs - receiptMs, max).changes) +
          Number(answers.run(nowMs - answerMs, max).changes) +
          removeLeases(idleMs, max, nowMs) +
          Number(sessions.run(nowMs - idleMs, max).changes),
      ),
  };
}
