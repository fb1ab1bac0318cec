import type {
  BeginItem,
  EndItem,
  StateDatabase,
  StoredAnswer,
} from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import type { SqlQuery, SqlStatement } from './session.ts';

export const ANSWERS: SqlStatement = {
  name: 'answers',
  text: `
SELECT item.index::int AS index, found.fingerprint, found.write_id AS "writeId", found.outcome,
  found.sealed,
  greatest(0, floor(extract(epoch FROM clock_timestamp() - found.at) * 1000))::float8 AS "ageMs"
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
  AS item(caller, id, key_hash, index)
CROSS JOIN LATERAL (
  SELECT * FROM profile_gateway.idempotency AS answer
  WHERE answer.caller = item.caller AND answer.id = item.id AND answer.key_hash = item.key_hash
  LIMIT 1
) AS found`,
};

/** `at` stays: the age of an answer is that of the end of its write. */
export const REPLACE_ANSWER: SqlStatement = {
  name: 'replace-answer',
  text: `
UPDATE profile_gateway.idempotency SET outcome = $5, sealed = $6
WHERE caller = $1 AND id = $2 AND key_hash = $3 AND write_id = $4
  AND (outcome = 'unknown' OR sealed = '')
RETURNING write_id`,
};

/** Frees keys that were taken for writes of which no answer is kept, and whose leases are held. */
export const FREE_KEYS: SqlStatement = {
  name: 'free-keys',
  text: `
DELETE FROM profile_gateway.idempotency AS answer
USING unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
  AS item(caller, id, key_hash, write_id, key, fence), profile_gateway.lease AS lease
WHERE lease.key = item.key AND lease.fence = item.fence AND lease.write_id = item.write_id
  AND lease.replica <> 0
  AND answer.caller = item.caller AND answer.id = item.id AND answer.key_hash = item.key_hash
  AND answer.write_id = item.write_id AND answer.outcome = 'unknown' AND answer.sealed = ''
RETURNING answer.write_id`,
};

/** Frees the keys of writes that end without an answer. */
export async function freeKeys(query: SqlQuery, items: readonly EndItem[]): Promise<void> {
  const freed = items.flatMap(({ announcedKey, answer, fence, key, writeId }) =>
    announcedKey === undefined || answer !== undefined
      ? []
      : [{ ...announcedKey, writeId, key, fence }],
  );
  if (freed.length === 0) return;
  await query(FREE_KEYS, [
    freed.map(({ caller }) => caller),
    freed.map(({ id }) => id),
    freed.map(({ keyHash }) => keyHash),
    freed.map(({ writeId }) => writeId),
    freed.map(({ key }) => key),
    freed.map(({ fence }) => fence),
  ]);
}

/** Replaces answers by what became known. */
export function postgresAnswers(ends: PostgresConnection): Pick<StateDatabase, 'replaceAnswer'> {
  return {
    replaceAnswer: async ({ caller, id, keyHash, outcome, sealed, writeId }) => {
      const values = [caller, id, keyHash, writeId, outcome, sealed];
      await ends.call((query) => query(REPLACE_ANSWER, values));
    },
  };
}

type FoundAnswer = StoredAnswer & { readonly index: number };

/** Returns the answers that are stored under the keys of the items, in their order. */
export async function foundAnswers(
  query: SqlQuery,
  items: readonly BeginItem[],
): Promise<readonly (StoredAnswer | undefined)[]> {
  const keyed = items.flatMap(({ idempotency }, index) =>
    idempotency === undefined ? [] : [{ ...idempotency, index }],
  );
  if (keyed.length === 0) return [];
  const rows = await query<FoundAnswer>(ANSWERS, [
    keyed.map(({ caller }) => caller),
    keyed.map(({ id }) => id),
    keyed.map(({ keyHash }) => keyHash),
  ]);
  const answers = new Map(rows.map(({ index, ...answer }) => [keyed[index - 1]?.index, answer]));
  return items.map((_, index) => answers.get(index));
}
