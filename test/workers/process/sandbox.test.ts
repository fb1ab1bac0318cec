import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { part, patch, read } from '../../support/client.ts';
import { type RunningWorker, startWorker } from './worker.ts';

const { demos } = createSandboxSet(Date.now, sandboxes);
let worker: RunningWorker;
beforeAll(async () => {
  worker = await startWorker({ vars: { SANDBOX: '1' } });
});
afterAll(() => worker.stop());

test.each(demos)('the demo of $target is patched and read', async (demo) => {
  const id = `${demo.target}:${demo.id}`;
  const written = await patch(worker.origin, id, demo.patch);
  expect(written.json).toMatchObject({
    profile: { id, ...demo.patch },
    write: { outcome: 'applied', lockScope: 'global' },
  });
  expect(written.headers['x-gateway-sandbox']).toBe('1');

  const shown = await read(worker.origin, id);
  expect(shown.status).toBe(200);
  expect(shown.headers.etag).toBe(written.headers.etag);
  expect(part(shown, 'profile')).toEqual(part(written, 'profile'));
});

test('the sandboxes of all four vendors are inside', () => {
  expect(demos.map(({ target }) => target).toSorted()).toEqual([
    'iam-demo',
    'naver-demo',
    'nerm-demo',
    'senlin-demo',
  ]);
});
