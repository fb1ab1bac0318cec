import { STATE_COUNTED_MAX } from '../../../limits.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import type { SqlStatement } from './session.ts';

/** Shows the profiles that are in doubt. */
export const IN_DOUBT: SqlStatement = {
  name: 'in_doubt',
  text: `
SELECT key, ceil(extract(epoch FROM
  greatest(doubt_until, raised_until) - clock_timestamp()) * 1000)::float8 AS "leftMs"
FROM profile_gateway.lease
WHERE key = ANY($1::text[]) AND greatest(doubt_until, raised_until) > clock_timestamp()`,
};

/** Keeps the intent where a write is under way, or has left the profile in doubt. */
export const RAISE: SqlStatement = {
  name: 'raise',
  text: `
INSERT INTO profile_gateway.lease AS lease (key, raised_until)
VALUES ($1::text, clock_timestamp() + $2::float8 * interval '1 millisecond')
ON CONFLICT (key) DO UPDATE SET
  raised_until = greatest(lease.raised_until, excluded.raised_until),
  intent = CASE WHEN lease.replica <> 0
    OR greatest(lease.doubt_until, lease.raised_until) > clock_timestamp() THEN lease.intent END`,
};

export const LIST_IN_DOUBT: SqlStatement = {
  name: 'list_in_doubt',
  text: `
SELECT key, intent, write_id AS "writeId", fence,
  floor(extract(epoch FROM clock_timestamp() - begun_at) * 1000)::float8 AS "ageMs",
  ceil(extract(epoch FROM
    greatest(doubt_until, raised_until) - clock_timestamp()) * 1000)::float8 AS "leftMs"
FROM profile_gateway.lease
WHERE key > $2::text AND greatest(doubt_until, raised_until) > clock_timestamp()
ORDER BY key LIMIT $1::bigint`,
};

export const LIFT_DOUBT: SqlStatement = {
  name: 'lift',
  text: `
UPDATE profile_gateway.lease SET doubt_until = NULL, raised_until = NULL, intent = NULL
WHERE key = $1::text AND replica = 0
  AND greatest(doubt_until, raised_until) > clock_timestamp()
RETURNING key`,
};

/** The second number is the server's own estimate, as of its last commits. */
export const FIGURES: SqlStatement = {
  name: 'figures',
  text: `
SELECT
  (SELECT count(*) FROM (
    SELECT FROM profile_gateway.lease
    WHERE greatest(doubt_until, raised_until) > clock_timestamp() LIMIT $1::bigint
  ) AS doubted) AS "inDoubt",
  (SELECT n_dead_tup FROM pg_catalog.pg_stat_user_tables
    WHERE schemaname = 'profile_gateway' AND relname = 'lease') AS "deadRows"`,
};

type CountedLeases = { readonly inDoubt: number; readonly deadRows: number | null };

type DoubtedLease = { readonly key: string; readonly leftMs: number };

type ListedLease = DoubtedLease & {
  readonly intent: string | null;
  readonly writeId: string | null;
  readonly fence: number;
  readonly ageMs: number;
};

type DoubtCalls = 'inDoubtMs' | 'raiseDoubt' | 'listInDoubt' | 'liftDoubt' | 'figures';

/** Keeps what profiles are in doubt. */
export function postgresDoubts(
  quick: PostgresConnection,
  slow: PostgresConnection,
): Pick<StateDatabase, DoubtCalls> {
  return {
    inDoubtMs: async (keys) => {
      if (keys.length === 0) return [];
      const rows = await quick.call((query) => query<DoubtedLease>(IN_DOUBT, [keys]));
      const leftMs = new Map(rows.map((row) => [row.key, row.leftMs]));
      return keys.map((key) => leftMs.get(key) ?? 0);
    },

    raiseDoubt: async (key, lengthMs) => {
      await quick.call((query) => query(RAISE, [key, lengthMs]));
    },

    listInDoubt: async (max, after) => {
      const rows = await slow.call((query) => query<ListedLease>(LIST_IN_DOUBT, [max, after]));
      return rows.map(({ ageMs, fence, intent, writeId, ...row }) =>
        intent === null || writeId === null
          ? { ...row, intent: undefined }
          : { ...row, intent, writeId, fence, ageMs },
      );
    },

    figures: async () => {
      const rows = await slow.call((query) => query<CountedLeases>(FIGURES, [STATE_COUNTED_MAX]));
      return { inDoubt: rows[0]?.inDoubt ?? 0, deadRows: rows[0]?.deadRows ?? undefined };
    },

    liftDoubt: async (key) => {
      const rows = await quick.call((query) => query(LIFT_DOUBT, [key]));
      return rows.length > 0;
    },
  };
}
