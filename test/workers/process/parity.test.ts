import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../../support/client.ts';
import { comparable } from './comparable.ts';
import { startNodeBefore } from './node-entry.ts';
import { questions } from './questions.ts';
import { type RunningSandboxes, startSandboxes, startWorkerBefore } from './worker.ts';

type Running = { readonly origin: string; readonly stop: () => Promise<void> };

const stops: (() => Promise<void>)[] = [];
const seen = new Set<number>();
let node: Running;
let worker: Running;

beforeAll(async () => {
  // Both runtimes meet sandboxes of the same state, whose clocks stand still.
  const nowMs = Date.now();
  const start = async (before: (sandboxes: RunningSandboxes) => Promise<Running>) => {
    const sandboxes = await startSandboxes({ now: () => nowMs });
    const running = await before(sandboxes);
    stops.push(running.stop, sandboxes.stop);
    return running;
  };
  [node, worker] = await Promise.all([start(startNodeBefore), start(startWorkerBefore)]);
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

test.each(questions)(
  '$about: Node and Workers answer alike',
  async ({ about, call: ask, path }) => {
    const headers = { 'x-request-id': about.replaceAll(/\W/g, '-'), ...ask.headers };
    const asked = { ...ask, headers };
    const onNode = comparable(await call(node.origin, path, asked));
    const onWorkers = comparable(await call(worker.origin, path, asked));
    expect(onWorkers).toEqual(onNode);
    seen.add(onNode.status);
  },
);

test('the questions are answered in every way but by failing', () => {
  expect([...seen].toSorted()).toEqual([200, 204, 304, 400, 401, 404, 405, 412, 413, 415, 422]);
});
