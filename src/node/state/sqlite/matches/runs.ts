import { MATCH_STATES, type MatchRun } from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import type { SqliteConnection } from '../connection.ts';
import { createReceiptInsert } from '../receipts.ts';
import { integerAt, type SqliteRow, textAt } from '../rows.ts';

type SqliteRuns = Pick<
  MatchStore,
  'addRun' | 'run' | 'runs' | 'runsToRemove' | 'removeRun' | 'claimRun' | 'stopRun'
>;

const NOT_REMOVED = `state <> 'removing'`;

/** Creates the statements about match runs themselves. */
export function createMatchRuns({ db, read, write }: SqliteConnection): SqliteRuns {
  const insertReceipt = createReceiptInsert(db);
  const adding = db.prepare(`
    INSERT INTO match_run (id, created_at, by, spec, state, progress)
    VALUES (?, ?, ?, ?, 'running', ?) ON CONFLICT (id) DO NOTHING`);
  const looking = db.prepare(`
    SELECT *, leased_until > ?2 AS leased FROM match_run WHERE id = ?1 AND ${NOT_REMOVED}`);
  const listing = db.prepare(`
    SELECT *, leased_until > ?1 AS leased FROM match_run
    WHERE ${NOT_REMOVED} ORDER BY created_at DESC, id LIMIT ?2`);
  const claiming = db.prepare(`
    UPDATE match_run SET fence = fence + 1, state = 'running', problem = '', leased_until = ?3
    WHERE id = ?1 AND leased_until <= ?2 AND ${NOT_REMOVED} RETURNING fence`);
  const stopping = db.prepare(`
    UPDATE match_run SET state = 'stopped', leased_until = 0
    WHERE id = ? AND state IN ('running', 'failed')`);
  const outdated = db.prepare(`
    SELECT id FROM match_run WHERE leased_until <= ?1 AND (NOT ${NOT_REMOVED} OR id NOT IN (
      SELECT id FROM match_run WHERE ${NOT_REMOVED} ORDER BY created_at DESC, id LIMIT ?2
    ))`);
  const hiding = db.prepare(`UPDATE match_run SET state = 'removing' WHERE id = ?`);
  const removing = [
    db.prepare(`
      DELETE FROM match_candidate WHERE run = ?1
        AND key IN (SELECT key FROM match_candidate WHERE run = ?1 LIMIT ?2)`),
    ...[0, 1].map((side) =>
      db.prepare(`
        DELETE FROM match_item WHERE run = ?1 AND side = ${side} AND upstream_id IN (
          SELECT upstream_id FROM match_item WHERE run = ?1 AND side = ${side} LIMIT ?2)`),
    ),
  ];
  const removingRun = db.prepare('DELETE FROM match_run WHERE id = ?');

  return {
    addRun: ({ by, id, progress, spec }, receipt) =>
      write((nowMs) => {
        if (adding.run(id, nowMs, by, spec, progress).changes === 0) return false;
        insertReceipt(receipt, null, nowMs);
        return true;
      }),
    run: (id) =>
      read((nowMs) => {
        const row = looking.get(id, nowMs);
        return row === undefined ? undefined : matchRunOf(row);
      }),
    runs: (max) => read((nowMs) => listing.all(nowMs, max).map(matchRunOf)),
    runsToRemove: (keep) =>
      read((nowMs) => outdated.all(nowMs, keep).map((row) => textAt(row, 'id'))),
    removeRun: (id, max) =>
      write(() => {
        hiding.run(id);
        const went = removing.reduce((sum, part) => sum + Number(part.run(id, max).changes), 0);
        return went > 0 ? went : Number(removingRun.run(id).changes);
      }),
    claimRun: (id, leaseMs) =>
      write((nowMs) => {
        const row = claiming.get(id, nowMs, nowMs + leaseMs);
        return row === undefined ? undefined : { id, fence: integerAt(row, 'fence') };
      }),
    stopRun: (id, receipt) =>
      write((nowMs) => {
        const isStopped = stopping.run(id).changes === 1;
        if (isStopped) insertReceipt(receipt, null, nowMs);
        return isStopped;
      }),
  };
}

function matchRunOf(row: SqliteRow): MatchRun {
  const state = textAt(row, 'state');
  return {
    id: textAt(row, 'id'),
    createdAtMs: integerAt(row, 'created_at'),
    by: textAt(row, 'by'),
    spec: textAt(row, 'spec'),
    state: MATCH_STATES.find((known) => known === state) ?? 'failed',
    progress: textAt(row, 'progress'),
    problem: textAt(row, 'problem'),
    fence: integerAt(row, 'fence'),
    decisions: integerAt(row, 'decisions'),
    isLeased: integerAt(row, 'leased') === 1,
  };
}
