import type { StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';

/** Creates the statement that removes what has served its time. */
export function createPruning({ db, write }: SqliteConnection): Pick<StateDatabase, 'prune'> {
  // The oldest stand first, so that a call looks at no more than it may remove.
  const receipts = db.prepare(`
    DELETE FROM receipt WHERE at <= ?1
      AND position IN (SELECT position FROM receipt ORDER BY position LIMIT ?2)`);
  const answers = db.prepare(`
    DELETE FROM idempotency WHERE (caller, id, key_hash) IN (
      SELECT caller, id, key_hash FROM idempotency WHERE at <= ?1 ORDER BY at LIMIT ?2)`);
  // An end removes its lease; these were kept while their profiles were in doubt.
  const leases = db.prepare(`
    DELETE FROM lease WHERE fence IN (
      SELECT fence FROM lease
      WHERE replica = 0 AND max(doubt_until, raised_until) <= ?1 ORDER BY fence LIMIT ?2)`);
  const sessions = db.prepare(`
    DELETE FROM replica WHERE id IN (
      SELECT id FROM replica WHERE closed_at <= ?1
        AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.replica = replica.id)
      ORDER BY id LIMIT ?2)`);

  return {
    prune: ({ answerMs, idleMs, receiptMs }, max) =>
      write(
        (nowMs) =>
          Number(receipts.run(nowMs - receiptMs, max).changes) +
          Number(answers.run(nowMs - answerMs, max).changes) +
          Number(leases.run(nowMs, max).changes) +
          Number(sessions.run(nowMs - idleMs, max).changes),
      ),
  };
}
