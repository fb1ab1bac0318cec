import { MATCH_STATES, type MatchRun } from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import type { PostgresConnection } from '../connections.ts';
import { DURABLE } from '../durable.ts';
import { receiptValues } from '../receipts.ts';
import type { SqlStatement } from '../session.ts';

const RUN_COLUMNS = `id, floor(extract(epoch FROM created_at) * 1000)::bigint AS "createdAtMs",
  by, spec, state, progress, problem, fence, decisions,
  coalesce(leased_until > clock_timestamp(), false) AS "isLeased"`;

const IS_THERE = `state <> 'removing'`;

/** Stores a receipt whose values begin with `$n`, once for each row of `from`. */
export const receiptFrom = (n: number, from: string): string => `
  INSERT INTO profile_gateway.receipt (write_id, kind, key, id, target, caller, outcome, body)
  SELECT ${Array.from({ length: 8 }, (_, index) => `$${n + index}::text`).join(', ')}
  FROM ${from}, ${DURABLE}
  ON CONFLICT (write_id) DO NOTHING`;

export const ADD_RUN: SqlStatement = {
  name: 'add_match_run',
  text: `
WITH added AS (
  INSERT INTO profile_gateway.match_run (id, by, spec, progress)
  VALUES ($1::text, $2::text, $3::text, $4::text) ON CONFLICT (id) DO NOTHING RETURNING id
), receipt AS (${receiptFrom(5, 'added')})
SELECT id FROM added`,
};

export const MATCH_RUN: SqlStatement = {
  name: 'match_run',
  text: `
SELECT ${RUN_COLUMNS} FROM profile_gateway.match_run WHERE id = $1::text AND ${IS_THERE}`,
};

export const MATCH_RUNS: SqlStatement = {
  name: 'match_runs',
  text: `
SELECT ${RUN_COLUMNS} FROM profile_gateway.match_run WHERE ${IS_THERE}
ORDER BY created_at DESC, id LIMIT $1::bigint`,
};

export const CLAIM_RUN: SqlStatement = {
  name: 'claim_match_run',
  text: `
UPDATE profile_gateway.match_run SET fence = fence + 1, state = 'running', problem = '',
  leased_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
WHERE id = $1::text AND ${IS_THERE}
  AND (leased_until IS NULL OR leased_until <= clock_timestamp())
RETURNING fence`,
};

export const STOP_RUN: SqlStatement = {
  name: 'stop_match_run',
  text: `
WITH stopped AS (
  UPDATE profile_gateway.match_run SET state = 'stopped', leased_until = NULL
  WHERE id = $1::text AND state IN ('running', 'failed') RETURNING id
), receipt AS (${receiptFrom(2, 'stopped')})
SELECT id FROM stopped`,
};

export const RUNS_TO_REMOVE: SqlStatement = {
  name: 'match_runs_to_remove',
  text: `
SELECT id FROM profile_gateway.match_run
WHERE (leased_until IS NULL OR leased_until <= clock_timestamp())
  AND (NOT ${IS_THERE} OR id NOT IN (
    SELECT id FROM profile_gateway.match_run WHERE ${IS_THERE}
    ORDER BY created_at DESC, id LIMIT $1::bigint
  ))`,
};

export const REMOVE_RUN_ROWS: SqlStatement = {
  name: 'remove_match_rows',
  text: `
WITH hidden AS (
  UPDATE profile_gateway.match_run SET state = 'removing' WHERE id = $1::text AND ${IS_THERE}
), candidates AS (
  DELETE FROM profile_gateway.match_candidate WHERE run = $1::text AND key IN (
    SELECT key FROM profile_gateway.match_candidate WHERE run = $1::text LIMIT $2::bigint
  ) RETURNING 1
), items AS (
  DELETE FROM profile_gateway.match_item WHERE run = $1::text AND (side, upstream_id) IN (
    SELECT side, upstream_id FROM profile_gateway.match_item WHERE run = $1::text LIMIT $2::bigint
  ) RETURNING 1
)
SELECT (SELECT count(*) FROM candidates) + (SELECT count(*) FROM items) AS went`,
};

export const REMOVE_RUN: SqlStatement = {
  name: 'remove_match_run',
  text: 'DELETE FROM profile_gateway.match_run WHERE id = $1::text RETURNING id',
};

type RunCalls = 'addRun' | 'run' | 'runs' | 'runsToRemove' | 'removeRun' | 'claimRun' | 'stopRun';

/** Keeps match runs themselves. */
export function postgresMatchRuns(slow: PostgresConnection): Pick<MatchStore, RunCalls> {
  return {
    addRun: async ({ by, id, progress, spec }, receipt) => {
      const values = [id, by, spec, progress, ...receiptValues(receipt)];
      return (await slow.call((query) => query(ADD_RUN, values))).length > 0;
    },
    run: async (id) => {
      const [row] = await slow.call((query) => query<MatchRun>(MATCH_RUN, [id]));
      return row === undefined ? undefined : knownRun(row);
    },
    runs: async (max) => {
      const rows = await slow.call((query) => query<MatchRun>(MATCH_RUNS, [max]));
      return rows.map(knownRun);
    },
    runsToRemove: async (keep) => {
      const rows = await slow.call((query) => query<{ id: string }>(RUNS_TO_REMOVE, [keep]));
      return rows.map(({ id }) => id);
    },
    removeRun: (id, max) =>
      slow.call(async (query) => {
        const [rows] = await query<{ went: number }>(REMOVE_RUN_ROWS, [id, max]);
        const went = rows?.went ?? 0;
        return went > 0 ? went : (await query(REMOVE_RUN, [id])).length;
      }),
    claimRun: async (id, leaseMs) => {
      const [row] = await slow.call((query) => query<{ fence: number }>(CLAIM_RUN, [id, leaseMs]));
      return row === undefined ? undefined : { id, fence: row.fence };
    },
    stopRun: async (id, receipt) => {
      const rows = await slow.call((query) => query(STOP_RUN, [id, ...receiptValues(receipt)]));
      return rows.length > 0;
    },
  };
}

/** Returns a run of which a later version may have stored a state that this one does not know. */
function knownRun(row: MatchRun): MatchRun {
  return { ...row, state: MATCH_STATES.find((state) => state === row.state) ?? 'failed' };
}
