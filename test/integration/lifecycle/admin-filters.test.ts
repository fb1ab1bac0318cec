import { describe, expect, test } from 'vitest';
import { ID } from '../../state/replicas.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { ask, operated, PROFILE, patch, waitFor, withReplicas } from './operating.ts';
import { idsOf, list, receiptOf, receiptRow } from './receipts.ts';

describe('filters', () => {
  test(
    'choose receipts by profile, id, target, caller, outcome and time, and all of them hold',
    withReplicas(async (start) => {
      const replica = await start();
      const answer = await patch(replica, { site: 'Berlin' });
      const [writeId = ''] = [answer.headers.get('x-write-id') ?? ''];
      await receiptOf(replica, writeId);
      const noop = { by: 'billing', body: { attributes: { site: 'Berlin' } } } as const;
      const byRule = await ask(replica, 'PATCH', `/profiles/${ID}`, noop);
      const other = byRule.headers.get('x-write-id') ?? '';
      await receiptOf(replica, other);
      await replica.database.addReceipt(
        receiptRow('of others', { target: 'far', outcome: 'unknown' }),
      );
      const all = ['of others', other, writeId];
      const { receipts } = await list(replica);
      expect(idsOf(receipts)).toEqual(all);
      const at = (name: string) => receipts.find((one) => one.writeId === name)?.at;
      for (const [query, ids] of [
        [`profile=${PROFILE}`, [other, writeId]],
        [`profile=${encodeURIComponent(PROFILE)}`, [other, writeId]],
        [`profile=far:${ID}`, []],
        [`id=${ID}`, [other]],
        [`id=${PROFILE}`, [writeId]],
        ['target=far', ['of others']],
        ['caller=portal', ['of others', writeId]],
        ['caller=billing', [other]],
        ['outcome=unknown', ['of others']],
        [`profile=${PROFILE}&caller=portal`, [writeId]],
        [`profile=${PROFILE}&caller=portal&outcome=unknown`, []],
        ['since=2020-01-01T00:00:00Z', all],
        ['since=2120-01-01t00:00:00.5z', []],
        ['until=2020-01-01T00:00:00%2B01:00', []],
        [`until=${at(writeId)}`, []],
        [`until=2120-01-01T00:00:00-01:00&since=${at(writeId)}`, all],
      ] as const) {
        expect([query, (await list(replica, `?${query}`)).ids]).toEqual([query, ids]);
      }
    }),
  );

  test(
    'that cannot be used are refused, without being quoted',
    withReplicas(async (start) => {
      const replica = await start();
      const odd = 'Zq7';
      for (const query of [
        `${odd}=1`,
        `key=${odd}`,
        `before=1`,
        `id=${odd}&id=${odd}`,
        'id=',
        'id=a%00b',
        'caller=%00',
        `id=${odd.repeat(400)}`,
        `profile=${odd}`,
        `profile=nowhere:${ID}`,
        `profile=acme:${odd}`,
        'profile=acme:',
        `profile=:${ID}`,
        `outcome=${odd}`,
        'outcome=',
        'limit=0',
        'limit=501',
        'limit=1.5',
        'limit=1e2',
        'limit=-1',
        'limit=',
        `limit=${odd}`,
        'since=yesterday',
        'since=2026-03-01',
        'since=2026-03-01T09:30:00',
        'since=2026-13-01T09:30:00Z',
        'since=2026-02-30T09:30:00Z',
        'until=2025-02-29T09:30:00Z',
        'since=2026-03-01T24:00:00Z',
        'until=2026-03-01T09:30:00+01:00',
        `until=2026-03-01T09:30:00Z${odd}`,
        'since=1772357400000',
      ]) {
        const answer = await ask(replica, 'GET', `/admin/receipts?${query}`);
        expect({ query, ...answer }).toMatchObject({
          status: 400,
          json: { code: 'invalid_filter' },
        });
        expect(answer.text).not.toContain(odd);
      }
    }),
  );
});

const STATE_PATHS = [
  ['GET', '/admin/receipts'],
  ['GET', '/admin/receipts/w1'],
  ['GET', '/admin/replicas'],
  ['GET', '/admin/in-doubt'],
  ['DELETE', `/admin/in-doubt/${PROFILE}`],
] as const;
const BODY = { reason: 'checked by hand' };

describe('where', () => {
  test('nothing outlives the process, the answer names the key of the configuration', async () => {
    const fetch = () => new Response();
    const gateway = await createInMemoryGateway({ document: operated, fetch });
    const isolate = { reach: 'isolate' } as const;
    const worker = await createInMemoryGateway({ document: operated, fetch, process: isolate });
    for (const [method, path] of STATE_PATHS) {
      const asked = method === 'DELETE' ? { body: BODY } : {};
      const answer = await ask({ gateway }, method, path, asked);
      expect(answer).toMatchObject({ status: 404, json: { code: 'not_found' } });
      expect(answer.json.detail).toContain('`state`');
      const onWorker = await ask({ gateway: worker }, method, path, asked);
      expect(onWorker).toMatchObject({ status: 404, json: { code: 'not_found' } });
      expect(onWorker.json.detail).toContain('each profile keeps its own');
    }
  });

  test(
    'the state does not answer, that is what is answered',
    withReplicas(async (start) => {
      const replica = await start();
      replica.cut(true);
      for (const [method, path] of STATE_PATHS) {
        if (path === '/admin/replicas') continue;
        const asked = method === 'DELETE' ? { body: BODY } : {};
        const answer = await ask(replica, method, path, asked);
        expect(answer).toMatchObject({ status: 503, json: { code: 'state_unavailable' } });
      }
      const lines = { headers: { accept: 'application/x-ndjson' } };
      expect((await ask(replica, 'GET', '/admin/receipts', lines)).status).toBe(503);
      await waitFor(async () => {
        const { json } = await ask(replica, 'GET', '/admin/replicas');
        return json.reachable === false && json.replicas.length === 1;
      });
      const ready = await ask(replica, 'GET', '/readyz');
      expect(ready).toMatchObject({
        status: 200,
        json: { degraded: [{ part: 'state', reason: 'state_unavailable' }] },
      });
    }),
  );

  test(
    'callers are known, admin:read looks, and only admin changes',
    withReplicas(async (start) => {
      const replica = await start();
      const drain = ['POST', '/admin/targets/acme/drain'] as const;
      for (const [method, path] of [...STATE_PATHS, drain]) {
        const asked = method === 'DELETE' ? { body: BODY } : {};
        const statuses = [];
        for (const by of ['portal', 'watcher', 'ops'] as const) {
          statuses.push((await ask(replica, method, path, { ...asked, by })).status);
        }
        const last = /w1$|in-doubt\//.test(path) ? 404 : 200;
        const looks = method === 'GET' ? last : 403;
        expect([method, path, ...statuses]).toEqual([method, path, 403, looks, last]);
        const headers = { authorization: 'Bearer nobody' };
        expect((await ask(replica, method, path, { ...asked, headers })).status).toBe(401);
      }
    }),
  );
});
