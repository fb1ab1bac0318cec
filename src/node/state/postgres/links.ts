import { LINK_VERSIONS_PER_TIMELINE } from '../../../limits.ts';
import type { LinkRow } from '../../../state/control/control-rows.ts';
import { parseLinkTargets } from '../../../state/control/link-targets.ts';
import type { BeginItem, StateDatabase } from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import { DURABLE } from './durable.ts';
import { receiptValues } from './receipts.ts';
import type { SqlQuery, SqlStatement } from './session.ts';

const LINK_COLUMNS = 'id, targets::text AS targets, version';

/** The version of all links stands in each row, and in one row more where there are none. */
export const LINK_CHANGES: SqlStatement = {
  name: 'link_changes',
  text: `
SELECT head.version AS head, changed.*
FROM profile_gateway.link_head AS head LEFT JOIN LATERAL (
  SELECT ${LINK_COLUMNS} FROM profile_gateway.link
  WHERE (version, id) > ($1::bigint, $2::text) ORDER BY version, id LIMIT $3::bigint
) AS changed ON true
WHERE head.id = 1`,
};

export const LINK: SqlStatement = {
  name: 'link',
  text: `SELECT ${LINK_COLUMNS} FROM profile_gateway.link WHERE id = $1::text`,
};

export const LIST_LINKS: SqlStatement = {
  name: 'list_links',
  text: `
SELECT ${LINK_COLUMNS} FROM profile_gateway.link
WHERE id > $1::text AND targets IS NOT NULL ORDER BY id LIMIT $2::bigint`,
};

/** Materialized, since the order of all ids would else be preferred to the few that are found. */
export const LINKS_AT: SqlStatement = {
  name: 'links_at',
  text: `
WITH found AS MATERIALIZED (
  SELECT ${LINK_COLUMNS} FROM profile_gateway.link
  WHERE targets @> jsonb_build_object($3::text, $4::text)
)
SELECT * FROM found WHERE id > $1::text ORDER BY id LIMIT $2::bigint`,
};

/**
 * Changes wait for each other at the one row of `link_head`, so that versions are in order. A
 * version is never used again: a crash takes none back, and where a standby took over that did not
 * have the last ones, they go on above all of the former timeline.
 */
export const CHANGE_LINKS: SqlStatement = {
  name: 'change_links',
  text: `
WITH head AS (
  UPDATE profile_gateway.link_head SET version = greatest(version + 1,
    (coalesce(profile_gateway.timeline(), 1) - 1) * ${LINK_VERSIONS_PER_TIMELINE}::bigint)
  WHERE id = 1 RETURNING version
), changed AS (
  INSERT INTO profile_gateway.link AS link (id, targets, version)
  SELECT item.id, item.targets::jsonb, head.version
  FROM head CROSS JOIN unnest($1::text[], $2::text[]) AS item(id, targets)
  ON CONFLICT (id) DO UPDATE SET targets = excluded.targets, version = excluded.version
), receipt AS (
  INSERT INTO profile_gateway.receipt (write_id, kind, key, id, target, caller, outcome, body)
  SELECT $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text
  FROM ${DURABLE}
  ON CONFLICT (write_id) DO NOTHING
)
SELECT version FROM head`,
};

/**
 * Adds a target to a link that does not have it. The row is looked at after the wait for
 * `link_head`, by the conflict and not by a query of its own, which would see an older one.
 */
export const ADD_LINK_TARGET: SqlStatement = {
  name: 'add_link_target',
  text: `
WITH held AS (
  SELECT FROM profile_gateway.lease
  WHERE key = $13::text AND fence = $14::bigint AND write_id = $15::text AND replica <> 0
  FOR UPDATE
), head AS (
  UPDATE profile_gateway.link_head SET version = greatest(version + 1,
    (coalesce(profile_gateway.timeline(), 1) - 1) * ${LINK_VERSIONS_PER_TIMELINE}::bigint)
  WHERE id = 1 AND EXISTS (SELECT FROM held) RETURNING version
), changed AS (
  INSERT INTO profile_gateway.link AS link (id, targets, version)
  SELECT $1::text, $2::text::jsonb, head.version FROM head
  ON CONFLICT (id) DO UPDATE SET
    targets = coalesce(link.targets, '{}'::jsonb) || jsonb_build_object($3::text, $4::text),
    version = excluded.version
  WHERE NOT coalesce(jsonb_exists(link.targets, $3::text), false)
  RETURNING version
), receipt AS (
  INSERT INTO profile_gateway.receipt (write_id, kind, key, id, target, caller, outcome, body)
  SELECT $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text
  FROM changed CROSS JOIN ${DURABLE}
  ON CONFLICT (write_id) DO NOTHING
)
SELECT version FROM changed`,
};

/** Shows which of these links were changed after these versions. */
export const STALE: SqlStatement = {
  name: 'stale',
  text: `
SELECT item.index::int AS index
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS item(id, version, index)
CROSS JOIN LATERAL (
  SELECT FROM profile_gateway.link
  WHERE link.id = item.id AND link.version > item.version LIMIT 1
) AS changed`,
};

type StoredLink = {
  readonly id: string;
  readonly targets: string | null;
  readonly version: number;
};

type LinkCalls = 'linkChanges' | 'link' | 'links' | 'changeLinks' | 'addLinkTarget';

/** Keeps the links that the API has set. */
export function postgresLinks(slow: PostgresConnection): Pick<StateDatabase, LinkCalls> {
  return {
    linkChanges: async ({ id, version }, max) => {
      const rows = await slow.call((query) =>
        query<StoredLink & { head: number; id: string | null }>(LINK_CHANGES, [version, id, max]),
      );
      const changed = rows.filter((row) => row.id !== null);
      return { version: rows[0]?.head ?? 0, rows: changed.map(linkOf) };
    },

    link: async (id) => {
      const [row] = await slow.call((query) => query<StoredLink>(LINK, [id]));
      return row === undefined ? undefined : linkOf(row);
    },

    links: async ({ after, at, max }) => {
      const rows = await slow.call((query) =>
        at === undefined
          ? query<StoredLink>(LIST_LINKS, [after, max])
          : query<StoredLink>(LINKS_AT, [after, max, at.target, at.upstreamId]),
      );
      return rows.map(linkOf);
    },

    changeLinks: async (links, receipt) => {
      const rows = await slow.call((query) =>
        query<{ version: number }>(CHANGE_LINKS, [
          links.map(({ id }) => id),
          links.map(({ targets }) => (targets === undefined ? null : JSON.stringify(targets))),
          ...receiptValues(receipt),
        ]),
      );
      return rows[0]?.version ?? Number.NaN;
    },

    addLinkTarget: ({ fence, key, writeId }, { below, id, target, upstreamId }, receipt) =>
      slow.call(async (query) => {
        const isSet = (targets: LinkRow['targets']): boolean =>
          targets !== undefined && Object.hasOwn(targets, target);
        const endOf = (targets: LinkRow['targets']) =>
          targets?.[target] === upstreamId ? 'linked' : 'taken';
        const [before] = await query<StoredLink>(LINK, [id]);
        if (before === undefined && isSet(below)) return endOf(below);
        const added = JSON.stringify({ ...below, [target]: upstreamId });
        const lease = [key, fence, writeId];
        const values = [id, added, target, upstreamId, ...receiptValues(receipt), ...lease];
        const changed = await query(ADD_LINK_TARGET, values);
        if (changed.length > 0) return 'linked';
        const [row] = await query<StoredLink>(LINK, [id]);
        const targets = row && linkOf(row).targets;
        return isSet(targets) ? endOf(targets) : 'fenced';
      }),
  };
}

/** Returns those of the items whose links were changed since they were resolved. */
export async function staleItems(
  query: SqlQuery,
  items: readonly BeginItem[],
): Promise<ReadonlySet<BeginItem>> {
  const linked = items.filter(({ link }) => link !== undefined);
  if (linked.length === 0) return new Set();
  const rows = await query<{ index: number }>(STALE, [
    linked.map(({ link }) => link?.id),
    linked.map(({ link }) => link?.version),
  ]);
  return new Set(rows.flatMap(({ index }) => linked[index - 1] ?? []));
}

function linkOf({ id, targets, version }: StoredLink): LinkRow {
  return { id, targets: parseLinkTargets(targets ?? undefined), version };
}
