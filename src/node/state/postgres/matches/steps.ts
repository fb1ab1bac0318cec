import { LINK_VERSIONS_PER_TIMELINE } from '../../../../limits.ts';
import type {
  MatchCandidate,
  MatchDecision,
  MatchItem,
  MatchLinks,
  MatchPair,
} from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import { bigintArray, textArray } from '../array-parameters.ts';
import type { PostgresConnection } from '../connections.ts';
import { receiptValues } from '../receipts.ts';
import type { SqlStatement } from '../session.ts';
import { receiptFrom } from './runs.ts';

/**
 * Stores the links of profiles; `$n` has the ids of links, what they lead to follows. Where several
 * links lead to a profile, one that names its partner stays. Rows are found by the conflict: a join
 * would read all profiles of the run where the server knows nothing of them yet.
 */
const marking = (n: number, from: string): string => `mark AS MATERIALIZED (
  SELECT DISTINCT ON (side, upstream_id) * FROM unnest(
    $${n + 1}::bigint[], $${n + 2}::text[], $${n + 3}::text[], $${n + 4}::text[]
  ) AS end_of_link(side, upstream_id, link_id, linked_to)
  ORDER BY side, upstream_id, linked_to
), cleared AS (
  UPDATE profile_gateway.match_item AS item SET link_id = NULL, linked_to = NULL
  FROM ${from}
  WHERE item.run || '' = $1::text AND item.link_id = ANY ($${n}::text[])
    AND item.link_id IS NOT NULL AND (item.side, item.upstream_id) NOT IN (
      SELECT side, upstream_id FROM mark
    )
), marked AS (
  INSERT INTO profile_gateway.match_item AS item
    (run, side, upstream_id, key, has_key, new_link_id, link_id, linked_to)
  SELECT $1::text, mark.side, mark.upstream_id, listed.*, mark.link_id, mark.linked_to
  FROM ${from} CROSS JOIN mark CROSS JOIN LATERAL (
    SELECT key, has_key, new_link_id FROM profile_gateway.match_item
    WHERE run = $1::text AND side = mark.side AND upstream_id = mark.upstream_id LIMIT 1
  ) AS listed
  ON CONFLICT (run, side, upstream_id) DO UPDATE
    SET link_id = excluded.link_id, linked_to = excluded.linked_to
    WHERE item.linked_to IS NULL OR item.link_id = ANY ($${n}::text[])
)`;

/** Stores the situations of keys, which `$n` and the next parameter have. */
const situating = (n: number, from: string): string => `situated AS (
  INSERT INTO profile_gateway.match_candidate AS candidate (run, key, situation)
  SELECT $1::text, item.key, item.situation
  FROM ${from} CROSS JOIN unnest($${n}::text[], $${n + 1}::text[]) AS item(key, situation)
  ON CONFLICT (run, key) DO UPDATE SET situation = excluded.situation
)`;

/** Refuses the pairs that `$n` and the next parameter have, of the targets of the two before. */
const refusing = (n: number, from: string): string => `refused AS (
  INSERT INTO profile_gateway.match_refusal (first_target, second_target, first_id, second_id)
  SELECT $${n - 2}::text, $${n - 1}::text, pair.one, pair.other
  FROM ${from} CROSS JOIN unnest($${n}::text[], $${n + 1}::text[]) AS pair(one, other)
  UNION
  SELECT $${n - 1}::text, $${n - 2}::text, pair.other, pair.one
  FROM ${from} CROSS JOIN unnest($${n}::text[], $${n + 1}::text[]) AS pair(one, other)
  ON CONFLICT DO NOTHING
)`;

export const STORE_STEP: SqlStatement = {
  name: 'store_match_step',
  text: `
WITH stepped AS (
  UPDATE profile_gateway.match_run SET progress = $3::text, state = $4::text, problem = $5::text,
    leased_until = clock_timestamp() + $6::float8 * interval '1 millisecond'
  WHERE id = $1::text AND fence = $2::bigint AND state = 'running'
    AND leased_until > clock_timestamp()
  RETURNING id
), ${marking(7, 'stepped')}, ${situating(12, 'stepped')}, listed AS (
  INSERT INTO profile_gateway.match_item (run, side, upstream_id, key, has_key, new_link_id)
  SELECT $1::text, item.side, item.upstream_id, item.key, item.has_key = 1, item.new_link_id
  FROM stepped CROSS JOIN unnest(
    $14::bigint[], $15::text[], $16::text[], $17::bigint[], $18::text[]
  ) AS item(side, upstream_id, key, has_key, new_link_id)
  ON CONFLICT (run, side, upstream_id) DO UPDATE SET
    key = excluded.key, has_key = excluded.has_key, new_link_id = excluded.new_link_id
)
SELECT id FROM stepped`,
};

export const CLEAR_LINKS: SqlStatement = {
  name: 'clear_match_links',
  text: `
WITH linked AS (
  SELECT side, upstream_id FROM profile_gateway.match_item
  WHERE run || '' = $1::text AND link_id IS NOT NULL AND EXISTS (
    SELECT FROM profile_gateway.match_run
    WHERE id = $1::text AND fence = $2::bigint AND state = 'running'
  )
  ORDER BY link_id LIMIT $3::bigint
)
UPDATE profile_gateway.match_item AS item SET link_id = NULL, linked_to = NULL FROM linked
WHERE item.run = $1::text AND item.side = linked.side AND item.upstream_id = linked.upstream_id
RETURNING 1`,
};

const UNDECIDED =
  "id = $1::text AND fence = $2::bigint AND decisions = $3::bigint AND state = 'ready'";

const SET_DECIDED = `
  UPDATE profile_gateway.match_run
  SET decisions = decisions + 1, progress = coalesce($4::text, progress)`;

const DECIDED = `decided AS (${SET_DECIDED}
  WHERE ${UNDECIDED}
  RETURNING id
)`;

/** The values from `$5` on are those of `decisionValues`. */
const decisionFrom = (from: string): string =>
  [marking(5, from), situating(10, from), refusing(14, from)].join(', ');

const RECEIPT_FROM = 16;

export const DECIDE: SqlStatement = {
  name: 'decide_match',
  text: `
WITH ${DECIDED}, ${decisionFrom('decided')} SELECT id FROM decided`,
};

export const DECIDE_WITH_RECEIPT: SqlStatement = {
  name: 'decide_match_with_receipt',
  text: `
WITH ${DECIDED}, ${decisionFrom('decided')}, receipt AS (${receiptFrom(RECEIPT_FROM, 'decided')})
SELECT id FROM decided`,
};

/**
 * Changes links as `CHANGE_LINKS` does, where their version is still that of `$26`. The run is
 * locked first, as by other decisions, and changed only where the links are.
 */
export const CONFIRM: SqlStatement = {
  name: 'confirm_match',
  text: `
WITH run AS MATERIALIZED (
  SELECT id FROM profile_gateway.match_run WHERE ${UNDECIDED} FOR UPDATE
), head AS (
  UPDATE profile_gateway.link_head SET version = greatest(version + 1,
    (coalesce(profile_gateway.timeline(), 1) - 1) * ${LINK_VERSIONS_PER_TIMELINE}::bigint)
  FROM run
  WHERE link_head.id = 1 AND version = $26::bigint AND NOT EXISTS (
    SELECT FROM unnest($27::text[], $28::text[]) AS pair(one, other)
    JOIN profile_gateway.match_refusal ON first_target = $12::text AND second_target = $13::text
      AND first_id = pair.one AND second_id = pair.other
  )
  RETURNING version
), decided AS (${SET_DECIDED}
  FROM head WHERE id = $1::text
), changed AS (
  INSERT INTO profile_gateway.link AS link (id, targets, version)
  SELECT item.id, item.targets::jsonb, head.version
  FROM head CROSS JOIN unnest($24::text[], $25::text[]) AS item(id, targets)
  ON CONFLICT (id) DO UPDATE SET targets = excluded.targets, version = excluded.version
), ${decisionFrom('head')}, receipt AS (${receiptFrom(RECEIPT_FROM, 'head')})
SELECT version FROM head`,
};

/** Keeps the progress of runs, and decisions about them. */
export function postgresMatchSteps(
  slow: PostgresConnection,
): Pick<MatchStore, 'storeStep' | 'clearLinks' | 'decide' | 'confirm'> {
  return {
    storeStep: async ({ fence, id }, { candidates, items, leaseMs, links, ...step }) => {
      const values = [
        ...[id, fence, step.progress, step.state, step.problem, leaseMs],
        ...linkValues(links),
        ...candidateValues(candidates),
        ...itemValues(items),
      ];
      return (await slow.call((query) => query(STORE_STEP, values))).length > 0;
    },
    clearLinks: async ({ fence, id }, max) =>
      (await slow.call((query) => query(CLEAR_LINKS, [id, fence, max]))).length,
    decide: async (decision, receipt) => {
      const values = decisionValues(decision);
      const rows = await slow.call((query) =>
        receipt === undefined
          ? query(DECIDE, values)
          : query(DECIDE_WITH_RECEIPT, [...values, ...receiptValues(receipt)]),
      );
      return rows.length > 0;
    },
    confirm: async (decision, { links, linksVersion, pairs }, receipt) => {
      const values = [
        ...decisionValues(decision),
        ...receiptValues(receipt),
        textArray(links.map(({ id }) => id)),
        textArray(links.map(({ targets }) => JSON.stringify(targets))),
        linksVersion,
        ...pairValues(pairs),
      ];
      const rows = await slow.call((query) => query<{ version: number }>(CONFIRM, values));
      return rows[0]?.version;
    },
  };
}

function decisionValues({ candidates, links, refusals, targets, ...run }: MatchDecision) {
  return [
    ...[run.id, run.fence, run.decisions, run.progress ?? null],
    ...linkValues(links),
    ...candidateValues(candidates),
    ...targets,
    ...pairValues(refusals),
  ];
}

function linkValues({ ends, ids }: MatchLinks): readonly Buffer[] {
  return [
    textArray(ids),
    bigintArray(ends.map(({ side }) => side)),
    textArray(ends.map(({ upstreamId }) => upstreamId)),
    textArray(ends.map(({ linkId }) => linkId)),
    textArray(ends.map(({ linkedTo }) => linkedTo)),
  ];
}

function candidateValues(candidates: readonly MatchCandidate[]): readonly Buffer[] {
  return [
    textArray(candidates.map(({ key }) => key)),
    textArray(candidates.map(({ situation }) => situation)),
  ];
}

function itemValues(items: readonly MatchItem[]): readonly Buffer[] {
  return [
    bigintArray(items.map(({ side }) => side)),
    textArray(items.map(({ upstreamId }) => upstreamId)),
    textArray(items.map(({ key }) => key)),
    bigintArray(items.map(({ hasKey }) => (hasKey ? 1 : 0))),
    textArray(items.map(({ newLinkId }) => newLinkId)),
  ];
}

function pairValues(pairs: readonly MatchPair[]): readonly Buffer[] {
  return [textArray(pairs.map(([one]) => one)), textArray(pairs.map(([, other]) => other))];
}
