import { afterAll, beforeAll, expect, test } from 'vitest';
import { patch, read } from '../../support/client.ts';
import { NERM } from '../../support/profiles.ts';
import {
  AUTHORIZED,
  bindingsFor,
  type RunningSandboxes,
  type RunningWorker,
  startSandboxes,
  startWorker,
} from './worker.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

/** The `traceparent` of every request that reached a vendor. */
const sent: (string | null)[] = [];
let sandboxes: RunningSandboxes;
let worker: RunningWorker;

beforeAll(async () => {
  sandboxes = await startSandboxes({
    around: (serve) => (request) => {
      sent.push(request.headers.get('traceparent'));
      return serve(request);
    },
  });
  const { vars, ...bindings } = bindingsFor(sandboxes);
  worker = await startWorker({ ...bindings, vars: { ...vars, LOG_LEVEL: 'debug' } });
});
afterAll(async () => {
  await worker.stop();
  await sandboxes.stop();
});

test.each(['read', 'write'])('a trace is passed on and logged: %s', async (step) => {
  const headers = { ...AUTHORIZED, traceparent: TRACEPARENT, 'x-request-id': `traced-${step}` };
  const from = sent.length;
  const answer = await (step === 'read'
    ? read(worker.origin, NERM, headers)
    : patch(worker.origin, NERM, { name: 'traced' }, headers));
  expect(answer.status).toBe(200);
  expect(sent.slice(from)).toEqual([TRACEPARENT]);
  await expect
    .poll(() => linesOf(`traced-${step}`))
    .toEqual([
      expect.objectContaining({ level: 'debug', event: 'upstream', traceId: TRACE_ID, step }),
      expect.objectContaining({ level: 'info', event: 'request', traceId: TRACE_ID }),
    ]);
});

test('a trace is begun where the caller has none', async () => {
  const from = sent.length;
  await read(worker.origin, NERM, { ...AUTHORIZED, traceparent: 'none', 'x-request-id': 'begun' });
  const [, traceId] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-00$/.exec(sent[from] ?? '') ?? [];
  expect(traceId).not.toBe(undefined);
  await expect.poll(() => linesOf('begun').at(-1)).toMatchObject({ traceId });
});

test('there are no metrics', async () => {
  const response = await fetch(`${worker.origin}/metrics`, { headers: AUTHORIZED });
  expect(response.status).toBe(404);
});

function linesOf(requestId: string): Record<string, unknown>[] {
  return worker
    .logText()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => line.requestId === requestId);
}
