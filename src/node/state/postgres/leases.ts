import { FORMER_KEY_HELD_MS } from '../../../limits.ts';
import type { BeginItem, BeginRow, StateDatabase } from '../../../state/state-database.ts';
import { foundAnswers } from './answers.ts';
import { bigintArray, textArray } from './array-parameters.ts';
import type { PostgresConnection } from './connections.ts';
import { ensureSettled, IS_SETTLED } from './history.ts';
import { staleItems } from './links.ts';
import type { SqlStatement } from './session.ts';

/**
 * Begins each write whose row is free and settled, and locks the others. Rows are locked in the
 * order of their keys here and wherever several are changed, so that no two batches wait for each
 * other. `clock_timestamp`, since the statement may have waited for a row. A fence is drawn after
 * that wait too: an earlier one could be below that of the write before. Of the links one number
 * is compared; one that a write follows is looked up only where any was changed. None begins while
 * leases may have been lost.
 */
export const BEGIN: SqlStatement = {
  name: 'begin',
  text: `
INSERT INTO profile_gateway.lease AS lease (key, replica, write_id, key_hash, intent)
SELECT item.key, $1::bigint, item.write_id, item.key_hash, item.intent
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
  AS item(key, former_key, write_id, key_hash, intent, link_id, links_version)
WHERE (item.link_id IS NULL
  OR item.links_version >= (SELECT version FROM profile_gateway.link_head WHERE id = 1)
  OR NOT EXISTS (
    SELECT FROM profile_gateway.link
    WHERE link.id = item.link_id AND link.version > item.links_version
  )
) AND NOT EXISTS (
  SELECT FROM profile_gateway.lease AS former
  WHERE former.key = item.former_key AND (former.replica <> 0
    OR greatest(former.doubt_until, former.raised_until) >= clock_timestamp())
) AND ${IS_SETTLED}
ORDER BY item.key COLLATE "C"
ON CONFLICT (key) DO UPDATE SET
  fence = nextval('profile_gateway.fence'), replica = excluded.replica,
  write_id = excluded.write_id, key_hash = excluded.key_hash, intent = excluded.intent,
  begun_at = clock_timestamp(), doubt_until = NULL, raised_until = NULL
WHERE lease.replica = 0
  AND (lease.doubt_until IS NULL OR lease.doubt_until < clock_timestamp())
  AND (lease.raised_until IS NULL OR lease.raised_until < clock_timestamp())
RETURNING key, fence`,
};

/** Shows why writes have not begun. */
export const REFUSED: SqlStatement = {
  name: 'refused',
  text: `
SELECT key, key_hash AS "keyHash", CASE WHEN replica <> 0 THEN write_id END AS "heldBy",
  greatest(0, ceil(extract(epoch FROM
    greatest(doubt_until, raised_until) - clock_timestamp()) * 1000))::float8 AS "leftMs"
FROM profile_gateway.lease WHERE key = ANY($1::text[])`,
};

export const AMEND: SqlStatement = {
  name: 'amend',
  text: `
UPDATE profile_gateway.lease AS lease SET intent = item.intent
FROM (
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
    AS item(key, fence, write_id, intent)
  ORDER BY key COLLATE "C"
) AS item
WHERE lease.key = item.key AND lease.fence = item.fence AND lease.write_id = item.write_id
  AND lease.replica <> 0
RETURNING lease.key, lease.fence, lease.write_id AS "writeId"`,
};

/** Takes the key of a write unless another one has it, and replaces its intent only then. */
export const ANNOUNCE: SqlStatement = {
  name: 'announce',
  text: `
WITH held AS (
  SELECT FROM profile_gateway.lease
  WHERE key = $1::text AND fence = $2::bigint AND write_id = $3::text AND replica <> 0
  FOR UPDATE
), taken AS (
  INSERT INTO profile_gateway.idempotency AS answer
    (caller, id, key_hash, fingerprint, write_id, outcome, sealed)
  SELECT $5::text, $6::text, $7::text, $8::text, $3::text, 'unknown', '' FROM held
  ON CONFLICT (caller, id, key_hash) DO UPDATE SET write_id = excluded.write_id
  WHERE answer.write_id = excluded.write_id
  RETURNING 1
), amended AS (
  UPDATE profile_gateway.lease SET intent = $4::text
  WHERE key = $1::text AND EXISTS (SELECT FROM taken)
)
SELECT EXISTS (SELECT FROM held) AS "isHeld", EXISTS (SELECT FROM taken) AS "isTaken"`,
};

/** Shows that a write whose lease is held may still be applied. */
export const LEAVE_OPEN: SqlStatement = {
  name: 'leave_open',
  text: `
UPDATE profile_gateway.lease
SET doubt_until = clock_timestamp() + $4::float8 * interval '1 millisecond'
WHERE key = $1::text AND fence = $2::bigint AND write_id = $3::text AND replica <> 0
RETURNING key`,
};

type BegunLease = { readonly key: string; readonly fence: number };

type RefusedLease = {
  readonly key: string;
  readonly keyHash: string | null;
  /** The write that holds it. */
  readonly heldBy: string | null;
  readonly leftMs: number | null;
};

type AnnouncedRow = { readonly isHeld: boolean; readonly isTaken: boolean };

/** Begins and amends writes. */
export function postgresLeases(
  quick: PostgresConnection,
): Pick<StateDatabase, 'begin' | 'amend' | 'announce' | 'leaveOpen'> {
  return {
    announce: async ({ fence, idempotency, intent, key, writeId }) => {
      const { caller, fingerprint, id, keyHash } = idempotency;
      const values = [key, fence, writeId, intent, caller, id, keyHash, fingerprint];
      const [row] = await quick.call((query) => query<AnnouncedRow>(ANNOUNCE, values));
      if (row?.isHeld !== true) return 'fenced';
      return row.isTaken ? 'announced' : 'key_used';
    },

    leaveOpen: async ({ fence, key, writeId }, lengthMs) => {
      await quick.call((query) => query(LEAVE_OPEN, [key, fence, writeId, lengthMs]));
    },

    begin: async (replica, items) => {
      if (items.length === 0) return [];
      return await quick.call(async (query) => {
        const firsts = firstOfEachKey(items);
        const begun = query<BegunLease>(BEGIN, [
          replica,
          textArray(firsts.map(({ key }) => key)),
          textArray(firsts.map(({ formerKey }) => formerKey)),
          textArray(firsts.map(({ writeId }) => writeId)),
          textArray(firsts.map(({ idempotency }) => idempotency?.keyHash)),
          textArray(firsts.map(({ intent }) => intent)),
          textArray(firsts.map(({ link }) => link?.id)),
          bigintArray(firsts.map(({ link }) => link?.version ?? 0)),
        ]);
        // Sent behind it: what the write before has stored is there once its lease is ours.
        const [leases, answers] = await Promise.all([begun, foundAnswers(query, items)]);
        const fences = new Map(leases.map(({ key, fence }) => [key, fence]));
        const isFirst = new Set(firsts);
        const fenceOf = (item: BeginItem) => (isFirst.has(item) ? fences.get(item.key) : undefined);
        const refused = items.filter((item) => fenceOf(item) === undefined);
        const keys = refused.flatMap(({ key, formerKey = key }) => [key, formerKey]);
        const [rows, stale] = await Promise.all([
          keys.length === 0 ? [] : query<RefusedLease>(REFUSED, [keys]),
          staleItems(query, refused),
          leases.length === 0 ? ensureSettled(query) : undefined,
        ]);
        const leasesByKey = new Map(rows.map((row) => [row.key, row]));
        return items.map((item, index): BeginRow => {
          const fence = fenceOf(item);
          const row = fence === undefined ? whyNot(item, leasesByKey, stale) : begunRow(fence);
          const answer = answers[index];
          return answer === undefined ? row : { ...row, answer };
        });
      });
    },

    amend: async (items) => {
      if (items.length === 0) return [];
      const amended = await quick.call((query) =>
        query<BegunLease & { writeId: string }>(AMEND, [
          textArray(items.map(({ key }) => key)),
          bigintArray(items.map(({ fence }) => fence)),
          textArray(items.map(({ writeId }) => writeId)),
          textArray(items.map(({ intent }) => intent)),
        ]),
      );
      const names = new Set(amended.map(leaseText));
      return items.map((item) => names.has(leaseText(item)));
    },
  };
}

/** Writes a lease as one text, to find it again in what a statement returns. */
function leaseText(lease: { key: string; fence: number; writeId: string }): string {
  return JSON.stringify([lease.key, lease.fence, lease.writeId]);
}

function begunRow(fence: number): BeginRow {
  return { kind: 'begun', fence };
}

/** A statement must not change one row twice: the second write on a profile is refused anyway. */
function firstOfEachKey(items: readonly BeginItem[]): BeginItem[] {
  const keys = new Set<string>();
  return items.filter(({ key }) => keys.size < keys.add(key).size);
}

function whyNot(
  item: BeginItem,
  leases: ReadonlyMap<string, RefusedLease>,
  stale: ReadonlySet<BeginItem>,
): BeginRow {
  if (stale.has(item)) return { kind: 'stale' };
  const { key, formerKey = key } = item;
  const [own, former] = [leases.get(key), leases.get(formerKey)];
  const heldBy = own?.heldBy ?? undefined;
  const isFormerHeld = typeof former?.heldBy === 'string' && heldBy === undefined;
  const heldMs = isFormerHeld ? FORMER_KEY_HELD_MS : 0;
  const leftMs = Math.max(own?.leftMs ?? 0, former?.leftMs ?? 0) || heldMs;
  if (leftMs > 0) return { kind: 'in_doubt', leftMs, heldBy };
  return { kind: 'held', keyHash: own?.keyHash ?? undefined, heldBy };
}
