import { describe, expect, test } from 'vitest';
import type { TestReplica } from '../../state/replicas.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { type Asked, ask, operated, patch, waitFor, withReplicas } from './operating.ts';
import { receiptOf } from './receipts.ts';

const DRAIN = '/admin/targets/acme/drain';
const UNDRAIN = '/admin/targets/acme/undrain';
const REASON = 'ticket 4711: the vendor moves';

/** The target as a replica sees it. */
async function seen(replica: Pick<TestReplica, 'gateway'>, name = 'acme') {
  const { json } = await ask(replica, 'GET', '/admin/targets', { by: 'watcher' });
  return json.targets.find(({ target }: { target: string }) => target === name);
}

function drain(replica: TestReplica, asked: Asked = { body: { reason: REASON } }) {
  return ask(replica, 'POST', DRAIN, asked);
}

describe('a drain with a state', () => {
  test(
    'is seen by every replica within a beat, and so is its end',
    withReplicas(async (start) => {
      const [a, b] = [await start('a'), await start('b')];
      const drained = await drain(a);
      const by = { by: 'ops', reason: REASON, since: expect.any(String) };
      expect(drained).toMatchObject({ status: 200, json: { mode: 'drained', drained: by } });
      await waitFor(async () => (await seen(b)).mode === 'drained');
      expect((await seen(b)).drained).toEqual(drained.json.drained);
      expect((await patch(b, { site: 'Bonn' })).json.code).toBe('target_unavailable');
      expect((await seen(b, 'far')).mode).toBe('active');
      expect((await ask(b, 'POST', UNDRAIN)).json).toMatchObject({ mode: 'active' });
      await waitFor(async () => (await seen(a)).mode === 'active');
      expect((await patch(a, { site: 'Bonn' })).status).toBe(200);
    }),
  );

  test(
    'outlives the replica, and holds from the first request of the next one on',
    withReplicas(async (start) => {
      const a = await start('a');
      await drain(a);
      await a.shared.close();
      const b = await start('b');
      expect((await patch(b, { site: 'Bonn' })).json.code).toBe('target_unavailable');
      expect((await seen(b)).drained).toMatchObject({ by: 'ops', reason: REASON });
    }),
  );

  test(
    'does not open a target that the configuration has drained',
    withReplicas(async (start) => {
      const targets = operated.targets as Record<string, object>;
      const acme = { ...targets.acme, mode: 'drained' };
      const document = { ...operated, targets: { ...targets, acme } } as typeof operated;
      const a = await start('a', { document });
      await drain(a);
      const undrained = await ask(a, 'POST', UNDRAIN);
      expect(undrained.json).toMatchObject({ mode: 'drained', configuredMode: 'drained' });
      expect(undrained.json.drained).toBeUndefined();
    }),
  );

  test(
    'leaves a receipt, and so does one that changes nothing',
    withReplicas(async (start) => {
      const a = await start('a');
      const b = await start('b');
      for (const [path, replica, kind, outcome] of [
        [DRAIN, a, 'drain', 'applied'],
        [DRAIN, b, 'drain', 'noop'],
        [UNDRAIN, a, 'undrain', 'applied'],
        [UNDRAIN, b, 'undrain', 'noop'],
      ] as const) {
        const body = { reason: REASON };
        const answer = await ask(replica, 'POST', path, { body });
        const receipt = await receiptOf(a, answer.headers.get('x-write-id'));
        const expected = { kind, outcome, target: 'acme', caller: 'ops', reason: REASON };
        expect(receipt).toMatchObject(expected);
      }
    }),
  );

  test(
    'holds here while the state does not answer, and everywhere once it does',
    withReplicas(async (start) => {
      const [a, b] = [await start('a'), await start('b')];
      a.cut(true);
      const drained = await drain(a);
      expect(drained).toMatchObject({ status: 200, json: { mode: 'drained', pending: 'drain' } });
      expect(a.gateway.logs).toContainEqual(
        expect.objectContaining({ level: 'error', event: 'state', target: 'acme' }),
      );
      expect((await seen(b)).mode).toBe('active');
      a.cut(false);
      await waitFor(async () => (await seen(b)).mode === 'drained');
      await waitFor(async () => (await seen(a)).pending === undefined);
      expect((await seen(a)).mode).toBe('drained');
      const receipt = await receiptOf(a, drained.headers.get('x-write-id'));
      expect(receipt).toMatchObject({ kind: 'drain', outcome: 'applied', reason: REASON });
    }),
  );

  test(
    'takes a reason or none',
    withReplicas(async (start) => {
      const a = await start('a');
      expect((await drain(a, { body: {} })).status).toBe(200);
      const lines = { reason: 'one\r\n\ttwo' };
      expect((await drain(a, { body: lines })).status).toBe(200);
      for (const [text, status, code] of [
        ['{', 400, 'malformed_json'],
        ['{"reason":""}', 422, 'invalid_patch'],
        ['{"reason":"a\\u0000b"}', 422, 'invalid_patch'],
        ['{"reason":"a\\u001bb"}', 422, 'invalid_patch'],
        ['{"why":"so"}', 422, 'invalid_patch'],
      ] as const) {
        const answer = await ask(a, 'POST', UNDRAIN, { text });
        expect([answer.status, answer.json.code]).toEqual([status, code]);
      }
      expect((await seen(a)).mode).toBe('drained');
      expect((await seen(a)).drained.reason).toBeUndefined();
    }),
  );
});

test('a drain without a state holds in its process, with the reason', async () => {
  const gateway = await createInMemoryGateway({ document: operated, fetch: () => new Response() });
  const body = { reason: REASON };
  const drained = await ask({ gateway }, 'POST', DRAIN, { body });
  expect(drained.json).toMatchObject({ mode: 'drained', drained: { by: 'ops', reason: REASON } });
  const again = await ask({ gateway }, 'POST', DRAIN, { body: { reason: 'another' } });
  expect(again.json.drained).toEqual(drained.json.drained);
  expect((await ask({ gateway }, 'POST', UNDRAIN)).json).toMatchObject({ mode: 'active' });
});
