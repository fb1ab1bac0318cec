import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { end } from '../../support/child.ts';
import { call, patch } from '../../support/client.ts';
import { type Running, runWithState, type Stage, setStage, until, uuid } from './stage.ts';

const ID = `nerm:${uuid(1)}`;
/** More than one read of the state, and more than the network takes at once. */
const RECEIPTS = 1_000;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  stage.nerm.seed(uuid(1), { name: 'One' });
});
afterAll(() => stage.stop());

async function start(): Promise<Running> {
  const running = await runWithState(stage);
  onTestFinished(() => end(running.child).then(() => {}));
  return running;
}

test('a process with a state shows its receipts, its replicas and its metrics', async () => {
  const { child, origin } = await start();
  const answer = await patch(origin, ID, { name: 'Two' });
  expect(answer.json).toMatchObject({ write: { outcome: 'applied', lockScope: 'machine' } });
  const writeId = String(answer.headers['x-write-id']);
  await until(
    async () => (await call(origin, `/admin/receipts/${writeId}`)).status === 200,
    'the receipt',
  );
  const { json } = await call(origin, '/admin/replicas');
  expect(json).toMatchObject({ reachable: true, replicas: [{ self: true }] });

  // A drain is possible, and stays one of the process that was asked.
  const drained = await call(origin, '/admin/targets/nerm/drain', { method: 'POST' });
  expect(drained.json).toMatchObject({ mode: 'drained' });
  await call(origin, '/admin/targets/nerm/undrain', { method: 'POST' });
  expect((await call(origin, '/admin/targets')).json.scope).toBe('process');

  const body = JSON.stringify({ reason: 'there is none' });
  // Node's client sends no length with DELETE by itself.
  const length = String(Buffer.byteLength(body));
  const headers = { 'content-type': 'application/json', 'content-length': length };
  const lifted = await call(origin, `/admin/in-doubt/${ID}`, { method: 'DELETE', headers, body });
  expect(lifted).toMatchObject({ status: 404, json: { code: 'not_found' } });

  const { text } = await call(origin, '/metrics');
  expect(text).toMatch(/^profile_gateway_state_up 1$/m);
  expect(text).toMatch(/^profile_gateway_state_replicas 1$/m);
  expect(text).toMatch(/^profile_gateway_state_leases 0$/m);
  expect(text).toMatch(/^profile_gateway_state_ending 0$/m);
  expect(text).toMatch(/^profile_gateway_state_seconds_count\{statement="begin"\} 1$/m);
  expect(text).toMatch(/^profile_gateway_state_seconds_count\{statement="end"\} 1$/m);
  expect(text).toMatch(/^profile_gateway_state_seconds_count\{statement="beat"\} [1-9]/m);
  expect(text).toMatch(/^profile_gateway_state_batch_size_sum\{statement="begin"\} 1$/m);
  await child.says(/"message":"undrained"/);
});

test('an export comes whole through the server, and stops with its reader', async () => {
  const { child, origin } = await start();
  const path = join(stage.folder, 'state.db');
  const database = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 5_000 });
  const row = { kind: 'write', key: 'k', id: 'i', target: 'nerm', caller: '', outcome: 'noop' };
  const body = JSON.stringify({ sent: ['/attributes/'.padEnd(4_000, 'x')] });
  for (let i = 0; i < RECEIPTS; i += 1) {
    await database.addReceipt({ ...row, writeId: `w${i}`, body });
  }
  await database.close();
  const headers = { accept: 'application/x-ndjson' };
  const { text } = await call(origin, '/admin/receipts?id=i', { headers });
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.pop()).toEqual({ next: null });
  expect(lines.map(({ writeId }) => writeId)).toEqual(
    Array.from({ length: RECEIPTS }, (_, i) => `w${RECEIPTS - 1 - i}`),
  );

  const leaving = new AbortController();
  const { signal } = leaving;
  const response = await fetch(`${origin}/admin/receipts?id=i`, { headers, signal });
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  leaving.abort();
  expect((await call(origin, '/healthz')).status).toBe(200);
  expect((await call(origin, '/admin/receipts?limit=1')).status).toBe(200);
  expect(child.stdout()).not.toContain('uncaught_exception');
  const head = await call(origin, '/admin/receipts?id=i', { headers, method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, text: '' });
});
