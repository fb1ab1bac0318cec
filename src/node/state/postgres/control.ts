import type { CooldownRow, DrainRow } from '../../../state/control/control-rows.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import type { PostgresConnection } from './connections.ts';
import { DURABLE } from './durable.ts';
import { receiptValues } from './receipts.ts';
import type { SqlStatement } from './session.ts';

export const LINK_HEAD: SqlStatement = {
  name: 'link_head',
  text: 'SELECT version FROM profile_gateway.link_head WHERE id = 1',
};

export const DRAINS: SqlStatement = {
  name: 'drains',
  text: `
SELECT target, floor(extract(epoch FROM since) * 1000)::bigint AS "sinceMs", by, reason
FROM profile_gateway.drain ORDER BY target`,
};

export const COOLDOWNS: SqlStatement = {
  name: 'cooldowns',
  text: `
SELECT credential, length_ms::float8 AS "lengthMs",
  ceil(extract(epoch FROM until - clock_timestamp()) * 1000)::float8 AS "leftMs"
FROM profile_gateway.credential_cooldown`,
};

/** The moment at which the operator asked for a change. */
const ASKED_AT = `clock_timestamp() - $10::float8 * interval '1 millisecond'`;

/**
 * Holds for a change that was not stored before and is the last one of its target: one that has
 * waited must not undo what was asked for later. Their receipts have no id, as few others.
 */
const IS_LAST = `NOT EXISTS (SELECT FROM profile_gateway.receipt WHERE write_id = $2::text)
  AND NOT EXISTS (
    SELECT FROM profile_gateway.receipt
    WHERE id = '' AND kind IN ('drain', 'undrain') AND target = $1::text AND at > ${ASKED_AT}
  )`;

/** The receipt of a change, which comes out as `noop` where nothing was changed. */
const RECEIPT_OF_CHANGE = `receipt AS (
  INSERT INTO profile_gateway.receipt (write_id, kind, key, id, target, caller, outcome, body, at)
  SELECT $2::text, $3::text, $4::text, $5::text, $6::text, $7::text,
    CASE WHEN EXISTS (SELECT FROM changed) THEN $8::text ELSE 'noop' END, $9::text, ${ASKED_AT}
  FROM ${DURABLE}
  ON CONFLICT (write_id) DO NOTHING
)`;

export const DRAIN: SqlStatement = {
  name: 'drain',
  text: `
WITH changed AS (
  INSERT INTO profile_gateway.drain (target, by, reason)
  SELECT $1::text, $11::text, $12::text WHERE ${IS_LAST}
  ON CONFLICT (target) DO NOTHING RETURNING target
), ${RECEIPT_OF_CHANGE}
SELECT FROM changed`,
};

export const UNDRAIN: SqlStatement = {
  name: 'undrain',
  text: `
WITH changed AS (
  DELETE FROM profile_gateway.drain WHERE target = $1::text AND ${IS_LAST} RETURNING target
), ${RECEIPT_OF_CHANGE}
SELECT FROM changed`,
};

export const COOL_DOWN: SqlStatement = {
  name: 'cool_down',
  text: `
INSERT INTO profile_gateway.credential_cooldown AS known (credential, until, length_ms)
VALUES ($1::text, clock_timestamp() + $2::float8 * interval '1 millisecond', ceil($2::float8))
ON CONFLICT (credential) DO UPDATE SET
  until = greatest(known.until, excluded.until),
  length_ms = greatest(known.length_ms, excluded.length_ms)`,
};

export const FORGET_COOLDOWN: SqlStatement = {
  name: 'forget_cooldown',
  text: 'DELETE FROM profile_gateway.credential_cooldown WHERE credential = $1::text',
};

type ControlCalls = 'control' | 'setDrain' | 'setCooldown';

/** Keeps what holds for all replicas. */
export function postgresControl(quick: PostgresConnection): Pick<StateDatabase, ControlCalls> {
  return {
    control: () =>
      quick.call(async (query) => {
        const [heads, drains, cooldowns] = await Promise.all([
          query<{ version: number }>(LINK_HEAD, []),
          query<DrainRow>(DRAINS, []),
          query<CooldownRow>(COOLDOWNS, []),
        ]);
        return { linksVersion: heads[0]?.version ?? 0, drains, cooldowns };
      }),

    setDrain: async (target, drain, receipt, waitedMs = 0) => {
      const values = [target, ...receiptValues(receipt), waitedMs];
      await quick.call((query) =>
        drain === undefined
          ? query(UNDRAIN, values)
          : query(DRAIN, [...values, drain.by, drain.reason]),
      );
    },

    setCooldown: async ({ credential, lengthMs }) => {
      await quick.call((query) =>
        lengthMs <= 0
          ? query(FORGET_COOLDOWN, [credential])
          : query(COOL_DOWN, [credential, lengthMs]),
      );
    },
  };
}
