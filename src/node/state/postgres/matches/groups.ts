import type { MatchGroup } from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import { textArray } from '../array-parameters.ts';
import type { PostgresConnection } from '../connections.ts';
import type { SqlStatement } from '../session.ts';

const GROUPED = `
  SELECT key,
    count(*) FILTER (WHERE side = 0) AS first_all,
    count(*) FILTER (WHERE side = 0 AND linked_to IS NULL) AS first_free,
    min(link_id) FILTER (WHERE side = 0) AS first_link,
    count(*) FILTER (WHERE side = 1) AS second_all,
    count(*) FILTER (WHERE side = 1 AND linked_to IS NULL) AS second_free,
    min(link_id) FILTER (WHERE side = 1) AS second_link
  FROM profile_gateway.match_item`;

/**
 * Pairs without a partner that were refused, where there can be any. Conditions on the run stand so
 * that no index of the run alone is taken: a server that has not analyzed the rows yet would.
 */
const WITH_REFUSED = `
SELECT grouped.*, coalesce(refused.pairs, 0) AS refused
FROM grouped LEFT JOIN LATERAL (
  SELECT count(*) AS pairs FROM profile_gateway.match_item AS one
  CROSS JOIN LATERAL (
    SELECT second_id FROM profile_gateway.match_refusal
    WHERE first_target = $2::text AND second_target = $3::text AND first_id = one.upstream_id
  ) AS refusal
  CROSS JOIN LATERAL (
    SELECT FROM profile_gateway.match_item AS other
    WHERE other.run = $1::text AND other.side = 1 AND other.upstream_id = refusal.second_id
      AND other.key = grouped.key AND other.linked_to IS NULL
  ) AS matched
  WHERE one.key = grouped.key AND one.side = 0 AND one.linked_to IS NULL
) AS refused ON grouped.first_free > 0 AND grouped.second_free > 0`;

export const GROUPS_AFTER: SqlStatement = {
  name: 'match_groups_after',
  text: `
WITH grouped AS MATERIALIZED (
  ${GROUPED} WHERE run || '' = $1::text AND key > $4::text
  GROUP BY key ORDER BY key LIMIT $5::bigint
) ${WITH_REFUSED} ORDER BY key`,
};

export const GROUPS_OF: SqlStatement = {
  name: 'match_groups_of',
  text: `
WITH grouped AS MATERIALIZED (
  ${GROUPED} WHERE key = ANY ($4::text[]) AND (run = $1::text) IS TRUE GROUP BY key
) ${WITH_REFUSED}`,
};

type GroupRow = {
  readonly key: string;
  readonly first_all: number;
  readonly first_free: number;
  readonly first_link: string | null;
  readonly second_all: number;
  readonly second_free: number;
  readonly second_link: string | null;
  readonly refused: number;
};

/** Reads the profiles of both targets that have the same key. */
export function postgresMatchGroups(
  slow: PostgresConnection,
): Pick<MatchStore, 'groupsAfter' | 'groupsOf'> {
  return {
    groupsAfter: async (id, [first, second], { after, max }) => {
      const values = [id, first, second, after, max];
      return (await slow.call((query) => query<GroupRow>(GROUPS_AFTER, values))).map(groupIn);
    },
    groupsOf: async (id, [first, second], keys) => {
      const values = [id, first, second, textArray(keys)];
      return (await slow.call((query) => query<GroupRow>(GROUPS_OF, values))).map(groupIn);
    },
  };
}

function groupIn(row: GroupRow): MatchGroup {
  return {
    key: row.key,
    first: { all: row.first_all, free: row.first_free, linkId: row.first_link ?? undefined },
    second: { all: row.second_all, free: row.second_free, linkId: row.second_link ?? undefined },
    refused: row.refused,
  };
}
