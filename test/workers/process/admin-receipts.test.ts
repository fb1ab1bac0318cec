import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, expectProblem, patch } from '../../support/client.ts';
import { SENLIN } from '../../support/profiles.ts';
import { startWorkerd, type Workerd } from './plain-workerd.ts';
import { configurationFor, type RunningSandboxes, startSandboxes } from './worker.ts';

const ADMIN_KEY = 'key-of-the-operators-1';
const READER_KEY = 'key-of-the-readers-001';
const headers = { authorization: `Bearer ${ADMIN_KEY}` };
const reader = { authorization: `Bearer ${READER_KEY}` };
const HASH_KEY = 'key-of-hashes-0001';

let sandboxes: RunningSandboxes;
const workers: Workerd[] = [];
beforeAll(async () => {
  sandboxes = await startSandboxes();
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await sandboxes.stop();
});

/** Starts a Worker with objects of its own, with a key of hashes or without one. */
async function start(secrets: Readonly<Record<string, string>>): Promise<string> {
  const callers = {
    ops: { key: ADMIN_KEY, scopes: ['admin', 'profiles:read', 'profiles:write'] },
    reader: { key: READER_KEY, scopes: ['profiles:read', 'profiles:write'] },
  };
  const document = { ...configurationFor(sandboxes), callers };
  const worker = await startWorkerd({ GATEWAY_CONFIG: JSON.stringify(document), ...secrets });
  workers.push(worker);
  return worker.origin();
}

const ROUTES = [
  ['GET', '/admin/receipts'],
  ['GET', '/admin/receipts/none'],
  ['GET', '/admin/in-doubt'],
] as const;

test('with a key of hashes operators read the receipts of one profile', async () => {
  const origin = await start({ STATE_HASH_KEY: HASH_KEY });
  const capabilities = await call(origin, '/capabilities', { headers });
  expect(capabilities.json).toMatchObject({
    writes: { lockScope: 'global', receipts: 'by_profile' },
  });
  for (const [method, path] of ROUTES) {
    expectProblem(await call(origin, path, { method, headers }), 400, 'invalid_filter');
    const asked = await call(origin, `${path}?profile=${SENLIN}`, { method, headers: reader });
    expectProblem(asked, 403, 'forbidden');
  }
  const written = await patch(origin, SENLIN, { name: 'receipt' }, headers);
  const writeId = String(written.headers['x-write-id']);
  const query = `?profile=${SENLIN}`;
  const { json, text } = await call(origin, `/admin/receipts${query}&outcome=applied`, { headers });
  expect(json).toMatchObject({ receipts: [{ writeId, profile: SENLIN, caller: 'ops', fence: 1 }] });
  expect(text).not.toContain('"receipt"');
  const lines = await call(origin, `/admin/receipts${query}`, {
    headers: { ...headers, accept: 'application/x-ndjson' },
  });
  expect(lines.text.split('\n').slice(1)).toEqual(['{"next":null}', '']);
  const one = await call(origin, `/admin/receipts/${writeId}${query}`, { headers });
  expect(one.json).toMatchObject({ writeId, outcome: 'applied' });
  const lift = (body: string) =>
    call(origin, `/admin/in-doubt/${SENLIN}`, {
      method: 'DELETE',
      headers: {
        ...headers,
        'content-type': 'application/json',
        // Node's client leaves it out for a DELETE.
        'content-length': String(body.length),
      },
      body,
    });
  expectProblem(await lift('{"reason":"none"}'), 404, 'not_found');
  expectProblem(await lift('{}'), 422, 'invalid_patch');
  expectProblem(await call(origin, '/admin/replicas', { headers }), 404, 'not_found');
});

test('without one there are none, and the answer says what they need', async () => {
  const origin = await start({});
  const { json } = await call(origin, '/capabilities', { headers });
  expect(json).toMatchObject({ writes: { lockScope: 'global', receipts: 'none' } });
  const written = await patch(origin, SENLIN, { name: 'without' }, headers);
  expect(written.headers['x-write-id']).toMatch(/^[0-9a-f-]{36}$/);
  for (const [method, path] of ROUTES) {
    const answer = await call(origin, `${path}?profile=${SENLIN}`, { method, headers });
    expectProblem(answer, 404, 'not_found');
    expect(answer.json.detail).toContain('STATE_HASH_KEY');
  }
});

test('nothing is served with a key that is too short', async () => {
  const origin = await start({ STATE_HASH_KEY: 'x'.repeat(15) });
  expectProblem(await call(origin, '/capabilities', { headers }), 503, 'not_configured');
});
