import {
  type LinkedMatchItem,
  type MatchCandidate,
  SITUATIONS,
} from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import { bigintArray, textArray } from '../array-parameters.ts';
import type { PostgresConnection } from '../connections.ts';
import type { SqlStatement } from '../session.ts';

const ITEM_COLUMNS = `item.side, item.upstream_id AS "upstreamId", item.key,
  item.has_key AS "hasKey", item.new_link_id AS "newLinkId", item.link_id AS "linkId",
  item.linked_to AS "linkedTo"`;

export const CANDIDATES: SqlStatement = {
  name: 'match_candidates',
  text: `
SELECT key, situation FROM profile_gateway.match_candidate
WHERE run = $1::text AND key > $2::text ORDER BY key LIMIT $3::bigint`,
};

export const CANDIDATES_IN: SqlStatement = {
  name: 'match_candidates_in',
  text: `
SELECT key, situation FROM profile_gateway.match_candidate
WHERE run = $1::text AND situation = $4::text AND key > $2::text ORDER BY key LIMIT $3::bigint`,
};

export const COUNT_CANDIDATES: SqlStatement = {
  name: 'count_match_candidates',
  text: `
SELECT situation, count(*) AS amount FROM profile_gateway.match_candidate
WHERE run = $1::text GROUP BY situation`,
};

export const ITEMS_OF: SqlStatement = {
  name: 'match_items_of',
  text: `
SELECT ${ITEM_COLUMNS}
FROM unnest($2::text[]) WITH ORDINALITY AS wanted(key, index)
CROSS JOIN (VALUES (0), (1)) AS of(side)
CROSS JOIN LATERAL (
  SELECT * FROM profile_gateway.match_item
  WHERE match_item.key = wanted.key AND match_item.side = of.side AND (run = $1::text) IS TRUE
  ORDER BY upstream_id LIMIT $3::bigint
) AS item
ORDER BY wanted.index, item.side, item.upstream_id`,
};

/** Places as two lists; each is looked up by the primary key. */
const AT_PLACES = `
FROM unnest($2::bigint[], $3::text[]) AS place(side, upstream_id)
CROSS JOIN LATERAL (
  SELECT * FROM profile_gateway.match_item
  WHERE run = $1::text AND side = place.side AND upstream_id = place.upstream_id
) AS item`;

export const ITEMS_AT: SqlStatement = {
  name: 'match_items_at',
  text: `SELECT ${ITEM_COLUMNS} ${AT_PLACES}`,
};

export const KEYS_OF_LINKS: SqlStatement = {
  name: 'match_keys_of_links',
  text: `
SELECT item.key ${AT_PLACES} UNION
SELECT key FROM profile_gateway.match_item
WHERE run || '' = $1::text AND link_id = ANY ($4::text[]) AND link_id IS NOT NULL`,
};

export const REFUSED_PAIRS: SqlStatement = {
  name: 'refused_match_pairs',
  text: `
SELECT pair.one, pair.other
FROM unnest($3::text[], $4::text[]) AS pair(one, other)
CROSS JOIN LATERAL (
  SELECT FROM profile_gateway.match_refusal
  WHERE first_target = $1::text AND second_target = $2::text
    AND first_id = pair.one AND second_id = pair.other
) AS refusal`,
};

type ItemRow = Omit<LinkedMatchItem, 'linkId' | 'linkedTo'> & {
  readonly linkId: string | null;
  readonly linkedTo: string | null;
};

type CandidateCalls =
  | 'candidates'
  | 'countCandidates'
  | 'itemsOf'
  | 'itemsAt'
  | 'refusedPairs'
  | 'keysOfLinks';

/** Shows candidates and their profiles. */
export function postgresMatchCandidates(
  slow: PostgresConnection,
): Pick<MatchStore, CandidateCalls> {
  return {
    candidates: async (id, { after, max, situation }) => {
      const rows = await slow.call((query) =>
        situation === undefined
          ? query<MatchCandidate>(CANDIDATES, [id, after, max])
          : query<MatchCandidate>(CANDIDATES_IN, [id, after, max, situation]),
      );
      return rows.map((row) => ({ key: row.key, situation: knownSituation(row.situation) }));
    },
    countCandidates: async (id) => {
      type Count = { readonly situation: string; readonly amount: number };
      const rows = await slow.call((query) => query<Count>(COUNT_CANDIDATES, [id]));
      return Object.fromEntries(
        rows.map(({ amount, situation }) => [knownSituation(situation), amount]),
      );
    },
    itemsOf: async (id, keys, max) => {
      const rows = await slow.call((query) => query<ItemRow>(ITEMS_OF, [id, textArray(keys), max]));
      return rows.map(itemIn);
    },
    itemsAt: async (id, places) => {
      const values = [id, ...placeValues(places)];
      return (await slow.call((query) => query<ItemRow>(ITEMS_AT, values))).map(itemIn);
    },
    refusedPairs: async ([first, second], pairs) => {
      const ones = textArray(pairs.map(([one]) => one));
      const others = textArray(pairs.map(([, other]) => other));
      const rows = await slow.call((query) =>
        query<{ one: string; other: string }>(REFUSED_PAIRS, [first, second, ones, others]),
      );
      return rows.map(({ one, other }): [string, string] => [one, other]);
    },
    keysOfLinks: async (id, { ends, ids }) => {
      const values = [id, ...placeValues(ends), textArray(ids)];
      const rows = await slow.call((query) => query<{ key: string }>(KEYS_OF_LINKS, values));
      return rows.map(({ key }) => key);
    },
  };
}

type Places = readonly Pick<LinkedMatchItem, 'side' | 'upstreamId'>[];

function placeValues(places: Places): readonly Buffer[] {
  return [
    bigintArray(places.map(({ side }) => side)),
    textArray(places.map(({ upstreamId }) => upstreamId)),
  ];
}

function itemIn({ linkId, linkedTo, ...row }: ItemRow): LinkedMatchItem {
  return { ...row, linkId: linkId ?? undefined, linkedTo: linkedTo ?? undefined };
}

function knownSituation(written: string): MatchCandidate['situation'] {
  return SITUATIONS.find((known) => known === written) ?? 'ambiguous';
}
