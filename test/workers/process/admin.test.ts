import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectOnlyPage, PAGE } from '../../integration/http/cors-calls.ts';
import { call, expectProblem, patch, read } from '../../support/client.ts';
import { SENLIN } from '../../support/profiles.ts';
import {
  CALLER_KEY,
  configurationFor,
  type RunningSandboxes,
  type RunningWorker,
  startSandboxes,
  startWorker,
} from './worker.ts';

const ADMIN_KEY = 'key-of-the-operators-1';
const headers = { authorization: `Bearer ${ADMIN_KEY}` };

let sandboxes: RunningSandboxes;
let worker: RunningWorker;
beforeAll(async () => {
  sandboxes = await startSandboxes();
  const callers = { ops: { key: ADMIN_KEY, scopes: ['admin', 'profiles:read', 'profiles:write'] } };
  const cors = { origins: [PAGE] };
  const document = { ...configurationFor(sandboxes), callers, cors };
  worker = await startWorker({ vars: { GATEWAY_CONFIG: JSON.stringify(document) } });
});
afterAll(async () => {
  await worker.stop();
  await sandboxes.stop();
});

test('operators see what an isolate knows, and no secret', async () => {
  const { origin } = worker;
  expect((await read(origin, SENLIN, headers)).status).toBe(200);
  const ready = await call(origin, '/readyz');
  expect(ready.json).toMatchObject({ status: 'ready', degraded: [] });
  const { json, text } = await call(origin, '/admin/config', { headers });
  expect(json).toMatchObject({ version: ready.json.version });
  expect(text).toContain('«secret:callers.ops.key»');
  for (const secret of [ADMIN_KEY, CALLER_KEY, 'sandbox-password']) {
    expect(text).not.toContain(secret);
  }
  const targets = await call(origin, '/admin/targets', { headers });
  expect(targets.json).toMatchObject({ scope: 'isolate' });
  expectProblem(await call(origin, '/admin/targets'), 401, 'unauthenticated');
});

test('what one isolate cannot tell the others is refused', async () => {
  const { origin } = worker;
  const drain = { method: 'POST', headers };
  const path = '/admin/targets/senlin-demo/drain';
  expectProblem(await call(origin, path, drain), 404, 'not_found');
  expect((await patch(origin, SENLIN, { name: 'still-open' }, headers)).status).toBe(200);
});

test('pages of a listed origin may call, and no others', async () => {
  await expectOnlyPage(worker.origin, SENLIN, headers);
});
