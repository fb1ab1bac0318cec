import { afterEach, beforeEach, expect, test } from 'vitest';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import { patch } from '../../support/client.ts';
import { nermTarget } from '../../support/profiles.ts';
import { type RunningNode, startNode } from './node-entry.ts';
import {
  AUTHORIZED,
  CALLER_KEY,
  callers,
  type RunningSandboxes,
  startSandboxes,
  startWorker,
} from './worker.ts';

/** Time after which a write gives up waiting: the deadline without what is kept for reading back. */
const WAIT_MS = 4_000;
const LIMITS = { maxConcurrentRequests: 1, deadlineMs: 6_000 };
const FIRST_WAVE = 6;
const SECOND_WAVE = 11;

let held: Promise<void> | undefined;
let sandboxes: RunningSandboxes;
let running: RunningNode;
beforeEach(async () => {
  held = undefined;
  sandboxes = await startSandboxes({
    around: (serve) => async (request) => {
      await held;
      return serve(request);
    },
  });
});
afterEach(async () => {
  await running.stop();
  await sandboxes.stop();
});

const configuration = () => ({
  version: 1,
  targets: { narrow: nermTarget({ limits: LIMITS })(sandboxes.origin) },
  callers,
});

test.each([
  ['Node', () => startNode(configuration())],
  [
    'Workers',
    () =>
      startWorker({
        vars: { GATEWAY_CONFIG: JSON.stringify(configuration()) },
        secrets: { PORTAL_KEY: CALLER_KEY },
      }),
  ],
])('on %s, requests that waited once cost later ones no permit', async (_, start) => {
  running = await start();
  const startMs = performance.now();
  const wave = (size: number) =>
    Promise.all(
      Array.from({ length: size }, async (_, i) => {
        const id = `narrow:${SEEDED_IDS.plain.slice(0, -2)}${10 + i}`;
        const { json } = await patch(running.origin, id, { name: `of ${i}` }, AUTHORIZED);
        return json.code;
      }),
    );
  const found = (size: number) => Array.from({ length: size }, () => 'profile_not_found');
  expect(await wave(FIRST_WAVE)).toEqual(found(FIRST_WAVE));

  // The second wave waits while the timers of the first would go off.
  await sleep(0.75 * WAIT_MS - (performance.now() - startMs));
  const gate = Promise.withResolvers<void>();
  held = gate.promise;
  const second = wave(SECOND_WAVE);
  await sleep(0.5 * WAIT_MS);
  gate.resolve();
  expect(await second).toEqual(found(SECOND_WAVE));
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
