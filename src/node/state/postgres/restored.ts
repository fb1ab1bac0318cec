import { FENCES_PER_SECOND_MAX } from '../../../limits.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import type { SqlStatement } from './session.ts';

/**
 * Closes all that was open when the backup was made, and goes on with fences and sessions above
 * every one that was given since: no clock gives a second twice, and none has as many fences.
 */
export const MARK_RESTORED: SqlStatement = {
  name: 'mark_restored',
  text: `
WITH above AS (
  SELECT floor(extract(epoch FROM clock_timestamp()))::bigint * $2::bigint AS number
), closed AS (
  UPDATE profile_gateway.replica SET closed = true, touched_at = clock_timestamp()
  WHERE NOT closed
), freed AS (
  UPDATE profile_gateway.lease SET replica = 0, key_hash = NULL, intent = NULL WHERE replica <> 0
), marked AS (
  INSERT INTO profile_gateway.restored (keys_lost_until)
  VALUES (clock_timestamp() + $1::float8 * interval '1 millisecond')
)
SELECT
  setval('profile_gateway.fence',
    greatest(above.number, nextval('profile_gateway.fence'))),
  setval(pg_get_serial_sequence('profile_gateway.replica', 'id'),
    greatest(above.number, nextval(pg_get_serial_sequence('profile_gateway.replica', 'id'))))
FROM above`,
};

export const KEYS_LOST: SqlStatement = {
  name: 'keys_lost',
  text: `
SELECT coalesce(greatest(0, ceil(extract(epoch FROM
  max(keys_lost_until) - clock_timestamp()) * 1000)), 0)::float8 AS "leftMs"
FROM profile_gateway.restored`,
};

/** Keeps whether the database is one of an earlier time. */
export function postgresRestored(
  slow: PostgresConnection,
): Pick<StateDatabase, 'markRestored' | 'keysLostMs'> {
  return {
    markRestored: async (keysLostMs) => {
      await slow.call((query) => query(MARK_RESTORED, [keysLostMs, FENCES_PER_SECOND_MAX]));
    },

    keysLostMs: async () => {
      const rows = await slow.call((query) => query<{ leftMs: number }>(KEYS_LOST, []));
      return rows[0]?.leftMs ?? 0;
    },
  };
}
