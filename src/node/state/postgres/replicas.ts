import type { Orphan, Replica, StateDatabase } from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import { DURABLE } from './durable.ts';
import { HISTORY, NOTE_HISTORY } from './history.ts';
import type { SqlStatement } from './session.ts';

/**
 * Starts a session. It is stored before it is used even where other commits are not waited for:
 * after a crash of the server its number would be given once more.
 */
export const START: SqlStatement = {
  name: 'start',
  text: `
INSERT INTO profile_gateway.replica (name, version, history_since)
SELECT $1::text, $2::text, ${HISTORY} FROM ${DURABLE}
RETURNING id`,
};

/** Counts a beat of a session that is not of an earlier history. */
export const BEAT: SqlStatement = {
  name: 'beat',
  text: `
WITH own AS (
  UPDATE profile_gateway.replica SET
    beat = beat + 1, touched_at = clock_timestamp(), links_version = $2::bigint
  WHERE id = $1::bigint AND NOT closed
    AND (history_since IS NULL OR history_since = ${HISTORY})
  RETURNING *
), other AS (
  SELECT * FROM profile_gateway.replica WHERE id <> $1::bigint AND NOT closed
)
SELECT id AS replica, beat, name, version, links_version AS "linksVersion",
  floor(extract(epoch FROM started_at) * 1000)::bigint AS "startedAtMs"
FROM (SELECT * FROM own UNION ALL SELECT * FROM other WHERE EXISTS (SELECT FROM own)) AS open
ORDER BY id`,
};

export const OPEN_REPLICAS: SqlStatement = {
  name: 'open_replicas',
  text: `
SELECT id AS replica, beat, name, version, links_version AS "linksVersion",
  floor(extract(epoch FROM started_at) * 1000)::bigint AS "startedAtMs"
FROM profile_gateway.replica WHERE NOT closed ORDER BY id`,
};

export const CLOSE: SqlStatement = {
  name: 'close',
  text: `
UPDATE profile_gateway.replica SET closed = true, touched_at = clock_timestamp()
WHERE id = $1::bigint AND NOT closed AND ($2::bigint IS NULL OR beat = $2::bigint)
RETURNING id`,
};

/** Lists leases of sessions that are closed, or that were closed so long ago that they are gone. */
export const ORPHANS: SqlStatement = {
  name: 'orphans',
  text: `
SELECT key, fence, write_id AS "writeId", intent, replica,
  greatest(0, extract(epoch FROM clock_timestamp() - begun_at) * 1000)::float8 AS "ageMs",
  coalesce(greatest(0, ceil(extract(epoch FROM
    greatest(doubt_until, raised_until) - clock_timestamp()) * 1000)), 0)::float8 AS "inDoubtMs"
FROM profile_gateway.lease
WHERE replica <> 0 AND NOT EXISTS (
  SELECT FROM profile_gateway.replica WHERE replica.id = lease.replica AND NOT replica.closed
)
LIMIT $1::bigint`,
};

export const TAKE_OVER: SqlStatement = {
  name: 'take_over',
  text: `
UPDATE profile_gateway.lease AS lease SET
  replica = $1::bigint, fence = nextval('profile_gateway.fence'),
  doubt_until = clock_timestamp() + item.settle_ms * interval '1 millisecond'
FROM (
  SELECT * FROM unnest($2::text[], $3::bigint[], $4::float8[]) AS item(key, fence, settle_ms)
  ORDER BY key COLLATE "C"
) AS item
WHERE lease.key = item.key AND lease.fence = item.fence AND lease.replica <> 0
RETURNING lease.key, item.fence AS "formerFence", lease.fence`,
};

type TakenLease = { readonly key: string; readonly formerFence: number; readonly fence: number };

type SessionCalls = 'startReplica' | 'beat' | 'replicas' | 'closeReplica' | 'orphans' | 'takeOver';

/** Keeps the sessions of replicas, and hands over the leases of those that are closed. */
export function postgresReplicas(
  quick: PostgresConnection,
  slow: PostgresConnection,
  sessionMs: number,
): Pick<StateDatabase, SessionCalls> {
  return {
    startReplica: async ({ name, version }) => {
      const [rows] = await quick.call((query) => {
        const noted = query(NOTE_HISTORY, [sessionMs]);
        return Promise.all([query<{ id: number }>(START, [name, version]), noted]);
      });
      return rows[0]?.id ?? Number.NaN;
    },

    replicas: () => slow.call((query) => query<Replica>(OPEN_REPLICAS, [])),

    beat: async (replica, linksVersion = 0) => {
      const [rows] = await quick.call((query) => {
        const noted = query(NOTE_HISTORY, [sessionMs]);
        return Promise.all([query<Replica>(BEAT, [replica, linksVersion]), noted]);
      });
      return rows.length === 0 ? undefined : rows;
    },

    closeReplica: async (replica, beat) => {
      const rows = await quick.call((query) => query(CLOSE, [replica, beat]));
      return rows.length > 0;
    },

    orphans: async (max) => await slow.call((query) => query<Orphan>(ORPHANS, [max])),

    takeOver: async (replica, items) => {
      if (items.length === 0) return [];
      const rows = await quick.call((query) =>
        query<TakenLease>(TAKE_OVER, [
          replica,
          items.map(({ key }) => key),
          items.map(({ fence }) => fence),
          items.map(({ settleMs }) => settleMs),
        ]),
      );
      return items.map(
        ({ key, fence }) => rows.find((row) => row.key === key && row.formerFence === fence)?.fence,
      );
    },
  };
}
