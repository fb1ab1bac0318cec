import { StateUnsettled } from '../../../state/state-database.ts';
import type { SqlQuery, SqlStatement } from './session.ts';

/** Holds where commits of this session are not waited for, so that a crash can take them back. */
const IS_HASTY = `current_setting('synchronous_commit') = 'off'`;

/**
 * Begins another history where commits may have been lost: leases are then not what their replicas
 * believe, so nobody begins a write until all sessions of the one before are over (`$1`
 * milliseconds). A crash of the server, and each takeover by a standby, empties `unbroken`. Where
 * commits are waited for, only the latter loses any. Nothing is written where all is as before.
 */
export const NOTE_HISTORY: SqlStatement = {
  name: 'note_history',
  text: `
WITH found AS MATERIALIZED (
  SELECT history.since, now.timeline, unbroken.since IS NOT NULL AS is_unbroken,
    ${IS_HASTY} OR (history.timeline = now.timeline) IS NOT TRUE AS may_have_lost
  FROM profile_gateway.history
  CROSS JOIN (SELECT profile_gateway.timeline() AS timeline) AS now
  LEFT JOIN profile_gateway.unbroken ON unbroken.id = 1 AND unbroken.since = history.since
  WHERE history.id = 1
), begun AS (
  UPDATE profile_gateway.history SET timeline = found.timeline, since = clock_timestamp(),
    settled_at = clock_timestamp() + $1::float8 * interval '1 millisecond'
  FROM found
  WHERE history.id = 1 AND history.since = found.since
    AND NOT found.is_unbroken AND found.may_have_lost
  RETURNING history.since
)
INSERT INTO profile_gateway.unbroken (id, since)
SELECT 1, since FROM begun
UNION ALL SELECT 1, since FROM found WHERE NOT is_unbroken AND NOT may_have_lost
ON CONFLICT (id) DO UPDATE SET since = excluded.since`,
};

/** The history that a session is part of: another one ends it. */
export const HISTORY = '(SELECT since FROM profile_gateway.history WHERE id = 1)';

/** Holds while no commit that somebody relies on may have been lost. */
export const IS_SETTLED = `(
  SELECT settled_at <= clock_timestamp() AND (
    EXISTS (
      SELECT FROM profile_gateway.unbroken
      WHERE unbroken.id = 1 AND unbroken.since = history.since
    ) OR (NOT ${IS_HASTY} AND timeline = profile_gateway.timeline())
  )
  FROM profile_gateway.history WHERE history.id = 1
)`;

export const SETTLED: SqlStatement = {
  name: 'settled',
  text: `SELECT coalesce(${IS_SETTLED}, false) AS "isSettled"`,
};

/** Rejects with `StateUnsettled` where no write may begin yet. */
export async function ensureSettled(query: SqlQuery): Promise<void> {
  const [row] = await query<{ isSettled: boolean }>(SETTLED, []);
  if (row?.isSettled === true) return;
  const reason = 'the database may have lost commits: no write begins until its sessions are over';
  throw new StateUnsettled(`The state is not settled: ${reason}`, reason);
}
