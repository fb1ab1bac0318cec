import { LINK_VERSIONS_PER_TIMELINE } from '../../../limits.ts';
import type { EndItem } from '../../../state/state-database.ts';
import { textArray } from './array-parameters.ts';

/**
 * Takes targets out of the links of profiles that were deleted, of the writes in `from`; `$n` has
 * the ids of the writes, what they unlink follows. Rows are looked at after the wait for
 * `link_head`, by the conflict and not by a query of their own, which would see older ones; a link
 * without a target is null.
 */
export const unlinking = (n: number, from: string): string => `gone AS MATERIALIZED (
  SELECT item.id, item.target, item.upstream_id, item.below
  FROM unnest($${n}::text[], $${n + 1}::text[], $${n + 2}::text[], $${n + 3}::text[],
    $${n + 4}::text[]) AS item(write_id, id, target, upstream_id, below)
  JOIN ${from} ON ${from}.write_id = item.write_id
), link_head AS (
  UPDATE profile_gateway.link_head SET version = greatest(version + 1,
    (coalesce(profile_gateway.timeline(), 1) - 1) * ${LINK_VERSIONS_PER_TIMELINE}::bigint)
  WHERE id = 1 AND EXISTS (SELECT FROM gone) RETURNING version
), unlinked AS (
  INSERT INTO profile_gateway.link AS link (id, targets, version)
  SELECT item.id, ${withoutGone('item.below::jsonb', 'item.id')}, link_head.version
  FROM link_head CROSS JOIN (SELECT DISTINCT ON (id) id, below FROM gone ORDER BY id) AS item
  ON CONFLICT (id) DO UPDATE
    SET version = excluded.version, targets = ${withoutGone('link.targets', 'link.id')}
)`;

function withoutGone(targets: string, id: string): string {
  return `(
    SELECT jsonb_object_agg(at.key, at.value) FROM jsonb_each_text(${targets}) AS at
    WHERE NOT EXISTS (
      SELECT FROM gone
      WHERE gone.id = ${id} AND gone.target = at.key AND gone.upstream_id = at.value
    )
  )`;
}

/** Returns the parameters of `unlinking`; undefined where no item unlinks anything. */
export function unlinkValues(items: readonly EndItem[]): readonly Buffer[] | undefined {
  const rows = items.flatMap(({ unlink, writeId }) =>
    (unlink?.links ?? []).flatMap(({ below, id }) =>
      (unlink?.targets ?? []).map((target) => {
        const upstreamId = unlink?.upstreamId;
        return { writeId, id, target, upstreamId, below: JSON.stringify(below) };
      }),
    ),
  );
  if (rows.length === 0) return undefined;
  return [
    textArray(rows.map(({ writeId }) => writeId)),
    textArray(rows.map(({ id }) => id)),
    textArray(rows.map(({ target }) => target)),
    textArray(rows.map(({ upstreamId }) => upstreamId)),
    textArray(rows.map(({ below }) => below)),
  ];
}
