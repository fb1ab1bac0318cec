import { describe, expect, test } from 'vitest';
import { type ReceiptQuery, StateUnavailable } from '../../../src/state/state-database.ts';
import { ID } from '../../state/replicas.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { keyOf } from './marks.ts';
import { ask, KEYS, operated, PROFILE, patch, waitFor, withReplicas } from './operating.ts';
import { exported, fill, idsOf, list, range, receiptOf, receiptRow } from './receipts.ts';

describe('a receipt', () => {
  test(
    'shows who wrote what, and how it ended, without a value',
    withReplicas(async (start) => {
      const replica = await start();
      const answer = await patch(replica, { site: 'Value-Of-A-Person' });
      const writeId = answer.headers.get('x-write-id');
      const receipt = await receiptOf(replica, writeId);
      expect(receipt).toEqual({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        writeId,
        kind: 'write',
        id: PROFILE,
        profile: PROFILE,
        target: 'acme',
        upstreamId: ID,
        caller: 'portal',
        requestId: answer.headers.get('x-request-id'),
        version: expect.stringMatching(/^[0-9a-f]{16}$/),
        fence: 1,
        outcome: 'applied',
        evidence: expect.any(String),
        changes: [{ pointer: '/attributes/site', hash: expect.stringMatching(/^\S{16,}$/) }],
        unconfirmed: [],
        steps: expect.arrayContaining([
          { purpose: 'write', method: 'PATCH', status: 200, durationMs: expect.any(Number) },
        ]),
      });
      expect(Math.abs(Date.parse(String(receipt.at)) - Date.now())).toBeLessThan(60_000);
      expect((await list(replica)).receipts).toEqual([receipt]);
    }),
  );

  test(
    'holds no value, no key and no secret, whatever a caller sends',
    withReplicas(async (start, vendor) => {
      const replica = await start();
      const secret = 'Value-Of-A-Person';
      const body = { name: secret, attributes: { site: secret, 'an-api-key': secret } };
      const write = { by: 'portal', body } as const;
      await ask(replica, 'PATCH', `/profiles/${PROFILE}`, write);
      vendor.after = () => Promise.reject(new Error('no answer'));
      await ask(replica, 'PATCH', `/profiles/${PROFILE}`, write);
      // Operators write reasons; one that repeats a credential of the target is cleaned.
      const reason = 'sent again with an-api-key-not-real';
      const lift = { body: { reason } };
      await waitFor(async () => (await list(replica)).ids.length === 2);
      await replica.database.raiseDoubt(keyOf(replica, 'acme', ID), 60_000);
      expect((await ask(replica, 'DELETE', `/admin/in-doubt/${PROFILE}`, lift)).status).toBe(200);
      await ask(replica, 'POST', '/admin/targets/acme/drain');
      await waitFor(async () => (await list(replica)).ids.length === 4);
      const { text } = await ask(replica, 'GET', '/admin/receipts');
      const rows = JSON.stringify(await replica.database.receipts({ max: 100 }));
      for (const hidden of [secret, 'an-api-key-not-real', 'a-hash-key', ...Object.values(KEYS)]) {
        expect(text).not.toContain(hidden);
        expect(rows).not.toContain(hidden);
      }
      expect(text).toContain('/attributes/an-api-key');
      expect(text).toContain('sent again with ');
    }),
  );

  test(
    'of another version, or of nobody, is shown as far as it can be read',
    withReplicas(async (start) => {
      const replica = await start();
      const bodies = {
        none: 'no JSON',
        deep: '['.repeat(100_000),
        list: '[1]',
        mixed: JSON.stringify({
          fence: 'seven',
          changes: [{ pointer: 1 }],
          steps: {},
          reason: 'r',
          version: null,
          sent: ['/name'],
          surprise: 'x',
        }),
      };
      for (const [writeId, body] of Object.entries(bodies)) {
        await replica.database.addReceipt(receiptRow(writeId, { body, caller: '', target: '' }));
      }
      const shown = { at: expect.any(String), kind: 'write', id: 'emp-1', outcome: 'applied' };
      expect((await list(replica)).receipts).toEqual([
        { ...shown, writeId: 'mixed', reason: 'r', sent: ['/name'] },
        { ...shown, writeId: 'list' },
        { ...shown, writeId: 'deep' },
        { ...shown, writeId: 'none' },
      ]);
    }),
  );

  test(
    'is not found where no write had the id',
    withReplicas(async (start) => {
      const replica = await start();
      const filtered = await ask(replica, 'GET', '/admin/receipts/none?caller=portal');
      expect(filtered).toMatchObject({ status: 400, json: { code: 'invalid_filter' } });
      const answer = await ask(replica, 'GET', '/admin/receipts/none');
      expect(answer).toMatchObject({ status: 404, json: { code: 'not_found' } });
      expect(answer.json.detail).toContain('no receipt');
    }),
  );
});

describe('pages of receipts', () => {
  test(
    'lead through all of them, none twice, as new ones arrive',
    withReplicas(async (start) => {
      const replica = await start();
      await fill(replica, range(0, 120));
      const seen: string[] = [];
      let after = '';
      for (let page = 0; page < 20; page += 1) {
        const { ids, next } = await list(replica, `?limit=13${after}`);
        seen.push(...ids);
        if (next === undefined) break;
        after = `&after=${next}`;
        await fill(replica, [`new ${page}`]);
      }
      expect(seen).toEqual(range(0, 120).toReversed());
    }),
  );

  test(
    'have 100 receipts where nothing is said, and a next only before another page',
    withReplicas(async (start) => {
      const replica = await start();
      await fill(replica, range(0, 100));
      expect(await list(replica)).toMatchObject({ next: undefined });
      expect((await list(replica, '?limit=100')).next).toBeUndefined();
      await fill(replica, ['w100']);
      const { ids, next } = await list(replica);
      expect(ids).toEqual(range(1, 101).toReversed());
      expect((await list(replica, `?after=${next}`)).ids).toEqual(['w0']);
    }),
  );

  test(
    'end early where receipts are long',
    withReplicas(async (start) => {
      const replica = await start();
      const sent = Array.from({ length: 10_000 }, (_, i) => `/attributes/${'x'.repeat(90)}${i}`);
      const body = JSON.stringify({ sent });
      for (const name of range(0, 6)) await replica.database.addReceipt(receiptRow(name, { body }));
      const first = await list(replica, '?limit=500');
      expect(first.ids).toEqual(['w5', 'w4', 'w3', 'w2']);
      expect(await list(replica, `?limit=500&after=${first.next}`)).toMatchObject({
        ids: ['w1', 'w0'],
        next: undefined,
      });
    }),
  );

  test(
    'begin at no altered cursor',
    withReplicas(async (start) => {
      const replica = await start();
      await fill(replica, range(0, 3));
      const { next } = await list(replica, '?limit=1');
      const other = Buffer.from('in_doubt\n2').toString('base64url');
      const last = String.fromCharCode(next.charCodeAt(next.length - 1) + 1);
      const sameBytes = `${next.slice(0, -1)}${last}`;
      expect(Buffer.from(sameBytes, 'base64url')).toEqual(Buffer.from(next, 'base64url'));
      const words = Buffer.from('receipts\ntwo').toString('base64url');
      for (const after of [
        '',
        'x',
        `${next}A`,
        `${next}=`,
        '2',
        other,
        sameBytes,
        words,
        '%F0%9F%98%80',
      ]) {
        const answer = await ask(replica, 'GET', `/admin/receipts?after=${after}`);
        expect({ after, ...answer }).toMatchObject({
          status: 400,
          json: { code: 'invalid_cursor' },
        });
      }
    }),
  );
});

describe('an export', () => {
  test(
    'has all receipts as lines, and where the rest begins',
    withReplicas(async (start) => {
      const replica = await start();
      expect(await exported(replica)).toEqual({ ids: [], last: { next: null } });
      await fill(replica, range(0, 230));
      expect(await exported(replica)).toEqual({
        ids: range(0, 230).toReversed(),
        last: { next: null },
      });
      const part = await exported(replica, '?limit=120');
      expect(part.ids).toEqual(range(110, 230).toReversed());
      const rest = await exported(replica, `?after=${part.last.next}`);
      expect(rest).toEqual({ ids: range(0, 110).toReversed(), last: { next: null } });
      expect((await exported(replica, '?id=nobody')).ids).toEqual([]);
    }),
  );

  test(
    'goes on after its last line where the state ceases to answer',
    withReplicas(async (start) => {
      const replica = await start();
      await fill(replica, range(0, 150));
      let reads = 0;
      const headers = { accept: 'application/x-ndjson', authorization: `Bearer ${KEYS.ops}` };
      const operations = {
        ...replica.operations,
        receipts: async (query: ReceiptQuery) => {
          reads += 1;
          if (reads === 2) throw new StateUnavailable('cut');
          return replica.database.receipts(query);
        },
      };
      const gateway = await createInMemoryGateway({
        document: operated,
        fetch: () => new Response(),
        process: { operations },
      });
      const { text } = await gateway.ask('GET', '/admin/receipts', { headers });
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const { next } = lines.pop();
      expect(idsOf(lines)).toEqual(range(100, 150).toReversed());
      expect((await exported(replica, `?after=${next}`)).ids).toEqual(range(0, 100).toReversed());
    }),
  );
});
