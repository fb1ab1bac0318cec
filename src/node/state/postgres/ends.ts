import type { EndItem, StateDatabase } from '../../../state/state-database.ts';
import { freeKeys } from './answers.ts';
import { bigintArray, floatArray, textArray } from './array-parameters.ts';
import type { PostgresConnection } from './connections.ts';
import type { SqlStatement } from './session.ts';
import { unlinking, unlinkValues } from './unlink.ts';

const ENDING = `
WITH ended AS (
  UPDATE profile_gateway.lease AS lease SET
    replica = 0, key_hash = NULL,
    intent = CASE WHEN item.doubt_ms > 0 THEN lease.intent END,
    doubt_until = CASE WHEN item.doubt_ms > 0
      THEN clock_timestamp() + item.doubt_ms * interval '1 millisecond' END
  FROM (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::float8[],
      $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
      $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[])
    AS item(key, fence, write_id, doubt_ms,
      receipt_id, kind, receipt_key, id, target, caller, outcome, body,
      answer_caller, answer_id, answer_key_hash, fingerprint, answer_outcome, sealed)
    ORDER BY key COLLATE "C"
  ) AS item
  WHERE lease.key = item.key AND lease.fence = item.fence AND lease.write_id = item.write_id
    AND lease.replica <> 0
  RETURNING item.*
), receipts AS (
  INSERT INTO profile_gateway.receipt
    (write_id, fence, kind, key, id, target, caller, outcome, body)
  SELECT receipt_id, fence, kind, receipt_key, id, target, caller, outcome, body
  FROM ended WHERE receipt_id IS NOT NULL
  ON CONFLICT (write_id) DO NOTHING
), answers AS (
  INSERT INTO profile_gateway.idempotency AS answer
    (caller, id, key_hash, fingerprint, write_id, outcome, sealed)
  SELECT DISTINCT ON (answer_caller, answer_id, answer_key_hash)
    answer_caller, answer_id, answer_key_hash, fingerprint, write_id, answer_outcome, sealed
  FROM ended WHERE answer_caller IS NOT NULL
  ON CONFLICT (caller, id, key_hash) DO UPDATE SET
    fingerprint = excluded.fingerprint, write_id = excluded.write_id,
    outcome = excluded.outcome, sealed = excluded.sealed, at = excluded.at
)`;

const SELECT_ENDED = 'SELECT write_id AS "writeId", fence FROM ended';

/**
 * Gives leases back, with the receipts and answers of those that were still held. A profile that
 * somebody put in doubt meanwhile (`raised_until`) stays so.
 */
export const END: SqlStatement = { name: 'end', text: `${ENDING} ${SELECT_ENDED}` };

const UNLINK_FROM = 19;

/** Does what `END` does, and takes profiles that were deleted out of their links. */
export const END_WITH_UNLINK: SqlStatement = {
  name: 'end_with_unlink',
  text: `${ENDING}, ${unlinking(UNLINK_FROM, 'ended')} ${SELECT_ENDED}`,
};

/** Shows which of these writes have a receipt, and with which fence. */
export const ENDED: SqlStatement = {
  name: 'ended',
  text: `
SELECT write_id AS "writeId", fence FROM profile_gateway.receipt
WHERE write_id = ANY($1::text[])`,
};

type EndedRow = { readonly writeId: string; readonly fence: number };

/** Frees what a session holds under these write ids. */
export const GIVE_BACK: SqlStatement = {
  name: 'give-back',
  text: `
UPDATE profile_gateway.lease AS lease SET replica = 0, key_hash = NULL, intent = NULL
FROM (
  SELECT * FROM unnest($2::text[], $3::text[]) AS item(key, write_id) ORDER BY key COLLATE "C"
) AS item
WHERE lease.key = item.key AND lease.write_id = item.write_id AND lease.replica = $1::bigint
RETURNING lease.key`,
};

/** Ends writes, and gives back those that were never made. */
export function postgresEnds(ends: PostgresConnection): Pick<StateDatabase, 'end' | 'giveBack'> {
  return {
    giveBack: async (replica, items) => {
      const [keys, ids] = [items.map(({ key }) => key), items.map(({ writeId }) => writeId)];
      await ends.call((query) => query(GIVE_BACK, [replica, keys, ids]));
    },

    end: async (items) => {
      if (items.length === 0) return [];
      return await ends.call(async (query) => {
        const values = endParameters(items);
        // Before the leases are free: a repeat of the request may follow at once.
        await freeKeys(query, items);
        const unlinked = unlinkValues(items);
        const rows = await (unlinked === undefined
          ? query<EndedRow>(END, values)
          : query<EndedRow>(END_WITH_UNLINK, [...values, ...unlinked]));
        const ended = fencesOf(rows);
        const others = items.filter(({ fence, writeId }) => ended.get(writeId) !== fence);
        const ids = others.map(({ writeId }) => writeId);
        const stored = ids.length === 0 ? [] : await query<EndedRow>(ENDED, [ids]);
        const before = fencesOf(stored);
        const isLate = new Set(others.filter((item) => before.get(item.writeId) !== item.fence));
        return items.map((item) => (isLate.has(item) ? 'fenced' : 'stored'));
      });
    },
  };
}

/** Fences by the ids of their writes; an id alone may also stand for a fence that is over. */
function fencesOf(rows: readonly EndedRow[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ fence, writeId }) => [writeId, fence]));
}

function endParameters(items: readonly EndItem[]): unknown[] {
  const receipts = items.map(({ receipt }) => receipt);
  // Lists that are too short are filled up by the server: nothing is sent for what nobody has.
  const answers = items.some(({ answer }) => answer !== undefined)
    ? items.map(({ answer }) => answer)
    : [];
  return [
    textArray(items.map(({ key }) => key)),
    bigintArray(items.map(({ fence }) => fence)),
    textArray(items.map(({ writeId }) => writeId)),
    floatArray(items.map(({ doubtMs }) => doubtMs)),
    textArray(receipts.map((receipt) => receipt?.writeId)),
    textArray(receipts.map((receipt) => receipt?.kind)),
    textArray(receipts.map((receipt) => receipt?.key)),
    textArray(receipts.map((receipt) => receipt?.id)),
    textArray(receipts.map((receipt) => receipt?.target)),
    textArray(receipts.map((receipt) => receipt?.caller)),
    textArray(receipts.map((receipt) => receipt?.outcome)),
    textArray(receipts.map((receipt) => receipt?.body)),
    textArray(answers.map((answer) => answer?.caller)),
    textArray(answers.map((answer) => answer?.id)),
    textArray(answers.map((answer) => answer?.keyHash)),
    textArray(answers.map((answer) => answer?.fingerprint)),
    textArray(answers.map((answer) => answer?.outcome)),
    textArray(answers.map((answer) => answer?.sealed)),
  ];
}
