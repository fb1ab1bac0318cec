import {
  type LinkedMatchItem,
  type MatchCandidate,
  type MatchGroup,
  SITUATIONS,
  type Situation,
} from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import type { SqliteConnection } from '../connection.ts';
import { integerAt, optionalTextAt, type SqliteRow, textAt } from '../rows.ts';

type SqliteGroups = Pick<MatchStore, 'groupsAfter' | 'groupsOf'>;

/** Refused pairs without a partner in a group; `CROSS JOIN` keeps the order of the tables. */
const REFUSED_IN_GROUP = `(
  SELECT count(*) FROM match_item AS one INDEXED BY match_item_by_key
  CROSS JOIN match_refusal AS refusal CROSS JOIN match_item AS other
  WHERE one.run = ?1 AND one.key = grouped.key AND one.side = 0 AND one.linked_to IS NULL
    AND refusal.first_target = ?2 AND refusal.second_target = ?3
    AND refusal.first_id = one.upstream_id
    AND other.run = ?1 AND other.side = 1 AND other.upstream_id = refusal.second_id
    AND other.key = grouped.key AND other.linked_to IS NULL
)`;

/** Names its index, as others do: SQLite would else read all profiles of a run. */
const GROUPED_ITEMS = `
  SELECT key,
    count(*) FILTER (WHERE side = 0) AS first_all,
    count(*) FILTER (WHERE side = 0 AND linked_to IS NULL) AS first_free,
    min(link_id) FILTER (WHERE side = 0) AS first_link,
    count(*) FILTER (WHERE side = 1) AS second_all,
    count(*) FILTER (WHERE side = 1 AND linked_to IS NULL) AS second_free,
    min(link_id) FILTER (WHERE side = 1) AS second_link
  FROM match_item INDEXED BY match_item_by_key`;

const GROUPS_WITH_REFUSED = `
  SELECT *, iif(first_free > 0 AND second_free > 0, ${REFUSED_IN_GROUP}, 0) AS refused
  FROM grouped`;

/** Creates the statements about the profiles of both targets that have the same key. */
export function createMatchGroups({ db, read }: SqliteConnection): SqliteGroups {
  const following = db.prepare(`
    WITH grouped AS MATERIALIZED (
      ${GROUPED_ITEMS} WHERE run = ?1 AND key > ?4 GROUP BY key ORDER BY key LIMIT ?5
    ) ${GROUPS_WITH_REFUSED} ORDER BY key`);
  const looking = db.prepare(`
    WITH grouped AS MATERIALIZED (${GROUPED_ITEMS} WHERE run = ?1 AND key = ?4 GROUP BY key)
    ${GROUPS_WITH_REFUSED}`);
  return {
    groupsAfter: (id, [first, second], { after, max }) =>
      read(() => following.all(id, first, second, after, max).map(groupOf)),
    groupsOf: (id, [first, second], keys) =>
      read(() =>
        keys.flatMap((key) => looking.all(id, first, second, key).map((row) => groupOf(row))),
      ),
  };
}

type SqliteCandidates = Pick<
  MatchStore,
  'candidates' | 'countCandidates' | 'itemsOf' | 'itemsAt' | 'refusedPairs' | 'keysOfLinks'
>;

/** Creates the statements that show candidates and their profiles. */
export function createMatchCandidates({ db, read }: SqliteConnection): SqliteCandidates {
  const listing = db.prepare(`
    SELECT key, situation FROM match_candidate WHERE run = ? AND key > ? ORDER BY key LIMIT ?`);
  const listingOne = db.prepare(`
    SELECT key, situation FROM match_candidate
    WHERE run = ? AND situation = ? AND key > ? ORDER BY key LIMIT ?`);
  const counting = db.prepare(`
    SELECT situation, count(*) AS amount FROM match_candidate WHERE run = ? GROUP BY situation`);
  const ofKey = db.prepare(`
    SELECT * FROM match_item INDEXED BY match_item_by_key
    WHERE run = ? AND key = ? AND side = ? ORDER BY upstream_id LIMIT ?`);
  const atPlace = db.prepare(`
    SELECT * FROM match_item WHERE run = ? AND side = ? AND upstream_id = ?`);
  const ofLink = db.prepare(`
    SELECT key FROM match_item INDEXED BY match_item_by_link
    WHERE run = ? AND link_id = ? AND link_id IS NOT NULL`);
  const refusing = db.prepare(`
    SELECT 1 FROM match_refusal
    WHERE first_target = ? AND second_target = ? AND first_id = ? AND second_id = ?`);

  return {
    candidates: (id, { after, max, situation }) =>
      read(() => {
        const rows =
          situation === undefined
            ? listing.all(id, after, max)
            : listingOne.all(id, situation, after, max);
        return rows.map(candidateOf);
      }),
    countCandidates: (id) =>
      read(() => {
        const rows = counting.all(id);
        return Object.fromEntries(
          rows.map((row) => [candidateSituation(row), integerAt(row, 'amount')]),
        );
      }),
    itemsOf: (id, keys, max) =>
      read(() =>
        keys.flatMap((key) =>
          [0, 1].flatMap((side) => ofKey.all(id, key, side, max).map(linkedItemOf)),
        ),
      ),
    itemsAt: (id, places) =>
      read(() =>
        places.flatMap(({ side, upstreamId }) => {
          const row = atPlace.get(id, side, upstreamId);
          return row === undefined ? [] : [linkedItemOf(row)];
        }),
      ),
    refusedPairs: ([first, second], pairs) =>
      read(() => pairs.filter(([one, other]) => refusing.get(first, second, one, other))),
    keysOfLinks: (id, { ends, ids }) =>
      read(() => {
        const left = ids.flatMap((linkId) => ofLink.all(id, linkId));
        const now = ends.flatMap(({ side, upstreamId }) => atPlace.all(id, side, upstreamId));
        return [...new Set([...left, ...now].map((row) => textAt(row, 'key')))];
      }),
  };
}

function groupOf(row: SqliteRow): MatchGroup {
  const sideOf = (name: 'first' | 'second') => ({
    all: integerAt(row, `${name}_all`),
    free: integerAt(row, `${name}_free`),
    linkId: optionalTextAt(row, `${name}_link`),
  });
  return {
    key: textAt(row, 'key'),
    first: sideOf('first'),
    second: sideOf('second'),
    refused: integerAt(row, 'refused'),
  };
}

function candidateOf(row: SqliteRow): MatchCandidate {
  return { key: textAt(row, 'key'), situation: candidateSituation(row) };
}

function candidateSituation(row: SqliteRow): Situation {
  const situation = textAt(row, 'situation');
  return SITUATIONS.find((known) => known === situation) ?? 'ambiguous';
}

function linkedItemOf(row: SqliteRow): LinkedMatchItem {
  return {
    side: integerAt(row, 'side') === 0 ? 0 : 1,
    upstreamId: textAt(row, 'upstream_id'),
    key: textAt(row, 'key'),
    hasKey: integerAt(row, 'has_key') === 1,
    newLinkId: textAt(row, 'new_link_id'),
    linkId: optionalTextAt(row, 'link_id'),
    linkedTo: optionalTextAt(row, 'linked_to'),
  };
}
