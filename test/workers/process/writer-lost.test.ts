import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestHarness } from 'wrangler';
import { SENLIN } from '../../support/profiles.ts';
import {
  AUTHORIZED,
  bindingsFor,
  createHarness,
  ROOT,
  type RunningSandboxes,
  startSandboxes,
  workerConfig,
} from './worker.ts';

let sandboxes: RunningSandboxes;
let harness: TestHarness;
beforeAll(async () => {
  sandboxes = await startSandboxes();
  const front = workerConfig(bindingsFor(sandboxes));
  const writer = { name: 'PROFILE_WRITER', class_name: 'ProfileWriter', script_name: 'broken' };
  const broken = { ...workerConfig({}), main: join(ROOT, 'test/workers/workerd/broken-writer.ts') };
  harness = createHarness([
    { ...front, durable_objects: { bindings: [writer] } },
    { ...broken, name: 'broken' },
  ]);
  await harness.listen();
});
afterAll(async () => {
  await harness.close();
  await sandboxes.stop();
});

async function ask(method: string, path = ''): Promise<{ status: number; answer: unknown }> {
  const answer = await harness.fetch(`http://gateway.example.com/profiles/${SENLIN}${path}`, {
    method,
    headers: {
      ...AUTHORIZED,
      'content-type': 'application/json',
      'x-request-id': `lost-${method}`,
    },
    ...(method === 'GET' ? {} : { body: '{"name":"x"}' }),
  });
  return { status: answer.status, answer: await answer.json() };
}

test('a write whose writer is lost ends as unknown, and is logged', async () => {
  const { answer, status } = await ask('PATCH');
  expect(answer).toMatchObject({
    code: 'outcome_unknown',
    outcome: 'unknown',
    reason: 'read_back_failed',
    target: 'senlin-demo',
    requestId: 'lost-PATCH',
  });
  expect(status).toBe(504);
  const lines = harness.getLogs().map(({ message }) => String(message));
  expect(lines.filter((line) => line.includes('lost-PATCH'))).toHaveLength(1);
});

test('an explanation whose writer is lost has no outcome, since nothing was written', async () => {
  const { answer, status } = await ask('POST', '/explain');
  expect(answer).toMatchObject({ code: 'overloaded', target: 'senlin-demo' });
  expect(answer).not.toHaveProperty('outcome');
  expect(status).toBe(503);
});

test('reads need no writer', async () => {
  expect((await ask('GET')).status).toBe(200);
});
