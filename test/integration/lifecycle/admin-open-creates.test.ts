import { expect, test } from 'vitest';
import { BODY, createVendor as createCreatingVendor } from '../../state/creating-vendor.ts';
import type { TestReplica } from '../../state/replicas.ts';
import { inDoubt, lift, REASON } from './marks.ts';
import { ask, type Start, waitFor, withReplicas } from './operating.ts';

const HEADERS = { 'idempotency-key': 'once' };

async function create(replica: TestReplica, body = BODY) {
  return ask(replica, 'POST', '/profiles', { by: 'portal', body, headers: HEADERS });
}

/** Reports whether a replica searches for its create no more. */
function hasResolved({ gateway }: TestReplica): boolean {
  return gateway.logs.some(({ event }) => event === 'create_resolved');
}

/** Leaves a create open at one of two replicas. */
async function leaveOpen(start: Start) {
  const vendor = createCreatingVendor();
  vendor.makes = false;
  const fetch = async (request: Request): Promise<Response> => {
    if (request.method === 'POST') {
      void vendor.fetch(request);
      throw new Error('no answer');
    }
    return vendor.fetch(request);
  };
  const creating = await start('creating', { fetch, waitMsMax: 50, sessionMs: 20_000 });
  const other = await start('other', { fetch, waitMsMax: 50, sessionMs: 20_000 });
  const answer = await create(creating);
  expect(answer).toMatchObject({ status: 504, json: { code: 'outcome_unknown' } });
  await waitFor(async () => (await inDoubt(other)).inDoubt.length === 1);
  return { vendor, creating, other, answer };
}

test(
  'open creates are listed with who has asked for what',
  withReplicas(async (start) => {
    const { answer, creating, other } = await leaveOpen(start);
    const writeId = answer.headers.get('x-write-id');
    for (const replica of [creating, other]) {
      const { inDoubt: rows } = await inDoubt(replica);
      expect(rows).toEqual([
        {
          create: `acme::${writeId}`,
          target: 'acme',
          name: 'CANARY-NAME',
          id: 'emp-1',
          since: expect.any(String),
          until: expect.any(String),
          caller: 'portal',
          requestId: answer.headers.get('x-request-id'),
          writeId,
        },
      ]);
      const leftMs = Date.parse(rows[0].until) - Date.now();
      expect(leftMs).toBeGreaterThan(60_000);
      expect(leftMs).toBeLessThanOrEqual(90_000);
    }
    const blocked = await ask(other, 'POST', '/profiles', {
      by: 'portal',
      body: BODY,
      headers: { 'idempotency-key': 'another' },
    });
    expect(blocked).toMatchObject({ status: 503, json: { code: 'profile_in_doubt' } });
    expect((await create(other)).json.code).toBe('request_in_progress');
    await lift(other, `acme::${writeId}`);
    await waitFor(() => hasResolved(creating));
  }),
);

test(
  'an open create that is lifted ends as unknown, and frees its name',
  withReplicas(async (start) => {
    const { answer, creating, other, vendor } = await leaveOpen(start);
    const writeId = answer.headers.get('x-write-id');
    const id = `acme::${writeId}`;
    expect((await ask(other, 'DELETE', `/admin/in-doubt/${id}`, { body: {} })).status).toBe(422);
    const lifted = await lift(other, id);
    expect(lifted, lifted.text).toMatchObject({ status: 200, json: { create: id } });
    expect((await inDoubt(other)).inDoubt).toEqual([]);
    const { receipts } = (await ask(other, 'GET', '/admin/receipts')).json;
    expect(receipts).toMatchObject([
      { kind: 'lift', id, target: 'acme', caller: 'ops', reason: REASON },
      { kind: 'create', writeId, outcome: 'unknown', reason: 'unproven', id: 'emp-1' },
    ]);
    expect((await create(other)).json).toMatchObject({ outcome: 'unknown', reason: 'unproven' });
    vendor.makes = true;
    const headers = { 'idempotency-key': 'another' };
    const again = async (replica: TestReplica) =>
      ask(replica, 'POST', '/profiles', { by: 'portal', body: BODY, headers });
    expect((await again(other)).json.write).toMatchObject({ outcome: 'applied' });
    // The replica that was searching sees by the receipt that it need not.
    await waitFor(() => hasResolved(creating));
    expect((await again(creating)).headers.get('idempotency-replayed')).toBe('true');
    expect((await lift(other, id)).status).toBe(404);
    expect(vendor.creates).toBe(2);
  }),
);

test(
  'a create that is not open cannot be lifted',
  withReplicas(async (start) => {
    const replica = await start();
    for (const id of ['acme::none', 'nowhere::none', 'acme::']) {
      expect(await lift(replica, id)).toMatchObject({ status: 404, json: { code: 'not_found' } });
    }
  }),
);
