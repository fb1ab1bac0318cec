import { describe, expect, test } from 'vitest';
import { type ReceiptRow, StateUnavailable } from '../../../src/state/state-database.ts';
import { ID } from '../../state/replicas.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { inDoubt, keyOf, LIFT, leaveInDoubt, lift, lifts, REASON, SETTLE_MS } from './marks.ts';
import { ask, operated, PROFILE, patch, withReplicas } from './operating.ts';

describe('a mark that is lifted', () => {
  test.each([
    ['target:upstreamId', PROFILE],
    ['an encoded id', encodeURIComponent(PROFILE)],
    ['an id that a rule takes', ID],
  ])('by %s lets the profile be written, and leaves a receipt', (_, id) =>
    withReplicas(async (start, vendor) => {
      const { replica } = await leaveInDoubt(start, vendor);
      expect((await patch(replica, { site: 'Bonn' })).json.code).toBe('profile_in_doubt');
      const lifted = await lift(replica, id);
      const writeId = lifted.headers.get('x-write-id');
      expect(lifted).toMatchObject({ status: 200, json: { profile: PROFILE, writeId } });
      expect((await inDoubt(replica)).inDoubt).toEqual([]);
      expect((await patch(replica, { site: 'Bonn' })).status).toBe(200);
      const { json } = await ask(replica, 'GET', `/admin/receipts/${writeId}`);
      expect(json).toEqual({
        at: expect.any(String),
        writeId,
        kind: 'lift',
        outcome: 'applied',
        id: decodeURIComponent(id),
        profile: PROFILE,
        target: 'acme',
        upstreamId: ID,
        caller: 'ops',
        requestId: lifted.headers.get('x-request-id'),
        version: expect.any(String),
        reason: REASON,
      });
      const ofProfile = await ask(replica, 'GET', `/admin/receipts?profile=${PROFILE}&caller=ops`);
      expect(ofProfile.json.receipts).toEqual([json]);
      expect(replica.gateway.logs).toContainEqual(
        expect.objectContaining({ message: 'lifted', reason: REASON, writeId, caller: 'ops' }),
      );
      expect((await lift(replica, id)).status).toBe(404);
    })(),
  );

  test(
    'may be one that the profile had under the configuration before',
    withReplicas(async (start) => {
      const replica = await start();
      const target = replica.gateway.targets.get('acme');
      Object.assign(target ?? {}, { formerNamespace: 'account before' });
      await replica.database.raiseDoubt(`account before\n${ID}`, SETTLE_MS);
      expect((await patch(replica, { site: 'Bonn' })).json.code).toBe('profile_in_doubt');
      expect((await lift(replica)).status).toBe(200);
      expect((await patch(replica, { site: 'Bonn' })).status).toBe(200);
      expect(await lifts(replica)).toHaveLength(1);
    }),
  );

  test(
    'must be there, and of a profile that an id leads to',
    withReplicas(async (start) => {
      const replica = await start();
      for (const [id, status, code] of [
        [PROFILE, 404, 'not_found'],
        [`far:${ID}`, 404, 'not_found'],
        [`nowhere:${ID}`, 404, 'unknown_target'],
        ['acme:x', 400, 'invalid_id'],
        ['acme:%ZZ', 400, 'invalid_id'],
        ['%00', 400, 'invalid_id'],
        ['x'.repeat(257), 400, 'invalid_id'],
      ] as const) {
        const answer = await lift(replica, id);
        expect([id, answer.status, answer.json.code]).toEqual([id, status, code]);
      }
      expect(await lifts(replica)).toEqual([]);
    }),
  );

  test(
    'needs a reason',
    withReplicas(async (start) => {
      const replica = await start();
      await replica.database.raiseDoubt(keyOf(replica, 'acme', ID), SETTLE_MS);
      for (const [text, status, code] of [
        ['', 400, 'malformed_json'],
        ['{"reason":', 400, 'malformed_json'],
        ['{}', 422, 'invalid_patch'],
        ['[]', 422, 'invalid_patch'],
        ['{"reason":""}', 422, 'invalid_patch'],
        ['{"reason":" \\n"}', 422, 'invalid_patch'],
        ['{"reason":1}', 422, 'invalid_patch'],
        ['{"reason":"a","force":true}', 422, 'invalid_patch'],
        [JSON.stringify({ reason: 'x'.repeat(501) }), 422, 'invalid_patch'],
        [JSON.stringify({ reason: 'x'.repeat(10_000) }), 413, 'body_too_large'],
      ] as const) {
        const answer = await ask(replica, 'DELETE', LIFT, { text });
        expect([text.slice(0, 30), answer.status, answer.json.code]).toEqual([
          text.slice(0, 30),
          status,
          code,
        ]);
      }
      const headers = { 'content-type': 'text/plain' };
      const typed = await ask(replica, 'DELETE', LIFT, { headers, body: { reason: REASON } });
      expect(typed.status).toBe(415);
      expect(await replica.database.inDoubtMs([keyOf(replica, 'acme', ID)])).not.toEqual([0]);
      const json = { 'content-type': 'application/json' };
      const reason = 'ä'.repeat(500);
      expect((await ask(replica, 'DELETE', LIFT, { headers: json, body: { reason } })).status).toBe(
        200,
      );
    }),
  );

  test(
    'is not one under which a replica still finds out how the write ended',
    withReplicas(async (start) => {
      const replica = await start();
      const { database, shared } = replica;
      const key = keyOf(replica, 'acme', ID);
      const own = shared.view().replica ?? 0;
      await database.begin(own, [{ key, writeId: 'w1', intent: '{}' }]);
      await database.raiseDoubt(key, SETTLE_MS);
      const answer = await lift(replica);
      expect(answer).toMatchObject({ status: 503, json: { code: 'profile_in_doubt' } });
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await lifts(replica)).toEqual([]);
      await database.end([{ key, writeId: 'w1', fence: 1, doubtMs: 0 }]);
    }),
  );

  test(
    'is reported where its receipt cannot be stored, after a second attempt',
    withReplicas(async (start) => {
      const replica = await start();
      let failures = 1;
      const operations = {
        ...replica.operations,
        addReceipt: async (row: ReceiptRow) => {
          failures -= 1;
          if (failures >= 0) throw new StateUnavailable('cut');
          return replica.database.addReceipt(row);
        },
      };
      const gateway = await createInMemoryGateway({
        document: operated,
        fetch: () => new Response(),
        process: { operations },
      });
      await replica.database.raiseDoubt(keyOf(replica, 'acme', ID), SETTLE_MS);
      const body = { reason: REASON };
      expect((await ask({ gateway }, 'DELETE', LIFT, { body })).status).toBe(200);
      expect(await lifts(replica)).toHaveLength(1);
      failures = 2;
      await replica.database.raiseDoubt(keyOf(replica, 'acme', ID), SETTLE_MS);
      const answer = await ask({ gateway }, 'DELETE', LIFT, { body });
      expect(answer).toMatchObject({ status: 503, json: { code: 'state_unavailable' } });
      expect(answer.json.detail).toContain('no longer in doubt');
      expect(gateway.logs.at(-1)).toMatchObject({ message: 'lifted', reason: REASON });
    }),
  );
});
