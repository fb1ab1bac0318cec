import { afterEach, beforeEach, expect, test } from 'vitest';
import { patch, read } from '../../support/client.ts';
import { IAM, upstreamIdOf } from '../../support/profiles.ts';
import {
  AUTHORIZED,
  type RunningSandboxes,
  type RunningWorker,
  startSandboxes,
  startWorkerBefore,
} from './worker.ts';

/** Longer than any request that needs no token takes. */
const TOKEN_MS = 1_500;
const PARALLEL = 20;

let sandboxes: RunningSandboxes;
let worker: RunningWorker;
let tokens = 0;
beforeEach(async () => {
  tokens = 0;
  sandboxes = await startSandboxes({
    around: (serve) => async (request) => {
      if (new URL(request.url).pathname.endsWith('/auth/tokens') && request.method === 'POST') {
        tokens += 1;
        await sleep(TOKEN_MS);
      }
      return serve(request);
    },
  });
  worker = await startWorkerBefore(sandboxes);
});
afterEach(async () => {
  await worker.stop();
  await sandboxes.stop();
});

test('requests for many profiles share one slow token and all end', async () => {
  const prefix = `iam-demo:${upstreamIdOf(IAM).slice(0, -2)}`;
  const startMs = performance.now();
  const asked = Array.from({ length: PARALLEL }, (_, i) => {
    const id = `${prefix}${10 + i}`;
    if (i % 2 === 0) return read(worker.origin, id, AUTHORIZED);
    return patch(worker.origin, id, { description: `of ${i}` }, AUTHORIZED);
  });
  const codes = (await Promise.all(asked)).map(({ json }) => json.code);
  expect(codes).toEqual(codes.map(() => 'profile_not_found'));
  expect(performance.now() - startMs).toBeLessThan(2 * TOKEN_MS + 1_000);
  expect(tokens).toBe(1);
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
