import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { call, expectProblem, patch, read } from '../../support/client.ts';
import { SENLIN } from '../../support/profiles.ts';
import {
  AUTHORIZED,
  CALLER_KEY,
  configurationFor,
  type RunningSandboxes,
  type RunningWorker,
  startSandboxes,
  startWorker,
  startWorkerBefore,
  type WorkerBindings,
} from './worker.ts';

let sandboxes: RunningSandboxes;
beforeAll(async () => {
  sandboxes = await startSandboxes();
});
afterAll(() => sandboxes.stop());

let worker: RunningWorker | undefined;
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});

async function start(bindings: WorkerBindings): Promise<RunningWorker> {
  worker = await startWorker(bindings);
  return worker;
}

const SECRET = 'senlin-password-in-a-wrong-place';

/** Configurations that no Worker serves, and what its log must say. */
const refused: readonly [name: string, vars: Record<string, string>, logged: string][] = [
  ['none at all', {}, 'set GATEWAY_CONFIG'],
  ['no JSON', { GATEWAY_CONFIG: `{"version": 1, "key": "${SECRET}"` }, 'is not JSON'],
  [
    'an unknown key',
    { GATEWAY_CONFIG: JSON.stringify({ version: 1, targets: {}, [SECRET.slice(0, 6)]: SECRET }) },
    'senlin: ',
  ],
  [
    'a secret where none belongs',
    { GATEWAY_CONFIG: JSON.stringify({ version: SECRET, targets: {} }) },
    'version: ',
  ],
  [
    'a reference to a secret that is not bound',
    {
      GATEWAY_CONFIG: JSON.stringify({ version: 1, targets: {}, callers: { a: '$' + '{ABSENT}' } }),
    },
    'ABSENT',
  ],
];

describe('a Worker that cannot serve answers 503', () => {
  test.each(refused)('%s', async (_name, vars, logged) => {
    const { logText, origin } = await start({ vars });
    expectProblem(await read(origin, SENLIN), 503, 'not_configured');
    expectProblem(await patch(origin, SENLIN, { name: 'x' }), 503, 'not_configured');
    expectProblem(await call(origin, '/capabilities'), 503, 'not_configured');
    expect((await call(origin, '/healthz')).status).toBe(200);
    expect(logText()).toContain(logged);
    expect(logText()).not.toContain(SECRET);
  });

  test('without callers, also when everything else is right', async () => {
    const { callers: _callers, ...open } = configurationFor(sandboxes);
    const { logText, origin } = await start({ vars: { GATEWAY_CONFIG: JSON.stringify(open) } });
    expectProblem(await patch(origin, SENLIN, { name: 'x' }), 503, 'not_configured');
    expect(logText()).toContain('without callers');
  });
});

describe('with callers and with secrets from bindings', () => {
  test('every target is reached, and no secret is logged', async () => {
    worker = await startWorkerBefore(sandboxes);
    for (const demo of sandboxes.set.demos) {
      const id = `${demo.target}:${demo.id}`;
      const written = await patch(worker.origin, id, demo.patch, AUTHORIZED);
      expect(written.json).toMatchObject({ profile: demo.patch, write: { lockScope: 'global' } });
      expect((await read(worker.origin, id, AUTHORIZED)).json).toMatchObject({
        profile: demo.patch,
      });
    }
    // A write is logged once: by its writer.
    expect(worker.logText().match(/"event":"request"/g)).toHaveLength(
      2 * sandboxes.set.demos.length,
    );
    for (const secret of [CALLER_KEY, 'sandbox-ncp-secret-key', 'sandbox-password']) {
      expect(worker.logText()).not.toContain(secret);
    }
  });

  test('who is not known is refused', async () => {
    worker = await startWorkerBefore(sandboxes);
    const wrong = { authorization: 'Bearer another-key-0001' };
    expectProblem(await patch(worker.origin, SENLIN, { name: 'x' }), 401, 'unauthenticated');
    expectProblem(await patch(worker.origin, SENLIN, { name: 'x' }, wrong), 401, 'unauthenticated');
  });
});

test('a KV binding holds the configuration where the variable does not', async () => {
  const document: JsonObject = configurationFor(sandboxes);
  worker = await startWorker({
    secrets: { PORTAL_KEY: CALLER_KEY },
    kv: { config: JSON.stringify(document) },
  });
  expect((await read(worker.origin, SENLIN, AUTHORIZED)).status).toBe(200);
});
