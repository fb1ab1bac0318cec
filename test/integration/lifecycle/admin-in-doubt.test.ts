import { describe, expect, test } from 'vitest';
import type { TestReplica } from '../../state/replicas.ts';
import { inDoubt, keyOf, leaveInDoubt, SETTLE_MS } from './marks.ts';
import { ask, PROFILE, waitFor, withReplicas } from './operating.ts';

describe('profiles in doubt', () => {
  test(
    'are listed with the write that may still change them',
    withReplicas(async (start, vendor) => {
      const { answer, replica } = await leaveInDoubt(start, vendor);
      const { inDoubt: rows, next } = await inDoubt(replica);
      expect(next).toBeUndefined();
      expect(rows).toEqual([
        {
          profile: PROFILE,
          id: PROFILE,
          since: expect.any(String),
          until: expect.any(String),
          caller: 'portal',
          requestId: answer.headers.get('x-request-id'),
          writeId: answer.headers.get('x-write-id'),
        },
      ]);
      const [{ since, until }] = rows;
      const nowMs = Date.now();
      expect(Math.abs(Date.parse(since) - nowMs)).toBeLessThan(10_000);
      expect(Date.parse(until) - nowMs).toBeGreaterThan(SETTLE_MS / 2);
      expect(Date.parse(until) - nowMs).toBeLessThanOrEqual(SETTLE_MS);
    }),
  );

  test(
    'are listed in pages, also where no write and no target is known',
    withReplicas(async (start) => {
      const replica = await start();
      const ids = Array.from({ length: 60 }, (_, i) => `id-${String(i).padStart(2, '0')}`);
      for (const id of ids) await replica.database.raiseDoubt(keyOf(replica, 'far', id), SETTLE_MS);
      await replica.database.raiseDoubt('of a target that is gone\nid', SETTLE_MS);
      const known = ids.map((id) => ({ profile: `far:${id}`, until: expect.any(String) }));
      const all = [...known, { until: expect.any(String) }];
      expect(await inDoubt(replica)).toEqual({ inDoubt: all });
      const seen = [];
      let after = '';
      for (let page = 0; page < 10; page += 1) {
        const { inDoubt: rows, next } = await inDoubt(replica, `?limit=9${after}`);
        seen.push(...rows);
        if (next === undefined) break;
        after = `&after=${next}`;
      }
      expect(seen).toEqual(all);
    }),
  );

  test(
    'are found by the profile, wherever it stands in the list',
    withReplicas(async (start) => {
      const replica = await start();
      const idAt = (i: number): string => `33f072dd-13b4-41e1-8ea0-${String(i).padStart(12, '0')}`;
      for (let i = 0; i < 110; i += 1) {
        await replica.database.raiseDoubt(keyOf(replica, 'far', idAt(i)), SETTLE_MS);
      }
      for (const i of [0, 50, 109]) {
        const profile = `far:${idAt(i)}`;
        expect(await inDoubt(replica, `?profile=${profile}`)).toEqual({
          inDoubt: [{ profile, until: expect.any(String) }],
        });
      }
      expect(await inDoubt(replica, `?profile=far:${idAt(110)}`)).toEqual({ inDoubt: [] });
    }),
  );

  test(
    'are not listed by other filters, or after a cursor of another list',
    withReplicas(async (start) => {
      const replica = await start();
      const receipts = Buffer.from('receipts\n2').toString('base64url');
      for (const [query, code] of [
        ['profile=x', 'invalid_filter'],
        ['limit=501', 'invalid_filter'],
        [`after=${receipts}`, 'invalid_cursor'],
      ]) {
        const answer = await ask(replica, 'GET', `/admin/in-doubt?${query}`);
        expect(answer).toMatchObject({ status: 400, json: { code } });
      }
    }),
  );
});

test(
  'a drain leaves a receipt, whether it changes something or not',
  withReplicas(async (start) => {
    const replica = await start();
    const writeIds = [];
    for (const word of ['drain', 'drain', 'undrain']) {
      const answer = await ask(replica, 'POST', `/admin/targets/acme/${word}`);
      expect(answer.status).toBe(200);
      writeIds.push(answer.headers.get('x-write-id'));
    }
    await ask(replica, 'POST', '/admin/targets/nowhere/drain');
    const { json } = await ask(replica, 'GET', '/admin/receipts?target=acme&caller=ops');
    const shown = { at: expect.any(String), target: 'acme', caller: 'ops' };
    const whole = { ...shown, requestId: expect.any(String), version: expect.any(String) };
    expect(json.receipts.toReversed()).toEqual([
      { ...whole, kind: 'drain', outcome: 'applied', writeId: writeIds[0] },
      { ...whole, kind: 'drain', outcome: 'noop', writeId: writeIds[1] },
      { ...whole, kind: 'undrain', outcome: 'applied', writeId: writeIds[2] },
    ]);
  }),
);

test(
  'the processes that share a state are listed, and which one answers',
  withReplicas(async (start) => {
    const [a, b] = [await start('host/1'), await start('host/2')];
    const seen = async (replica: TestReplica) => {
      await waitFor(() => replica.shared.view().replicas.length === 2);
      const { json } = await ask(replica, 'GET', '/admin/replicas', { by: 'watcher' });
      return json;
    };
    const row = { version: '1', linksVersion: 0, startedAt: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(await seen(a)).toEqual({
      reachable: true,
      replicas: [
        { ...row, name: 'host/1', self: true },
        { ...row, name: 'host/2', self: false },
      ],
    });
    expect((await seen(b)).replicas).toMatchObject([{ self: false }, { self: true }]);
  }),
);
