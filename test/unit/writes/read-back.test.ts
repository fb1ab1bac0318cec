import { expect, test } from 'vitest';
import type { HttpResponse, JsonObject } from '../../../src/adapter-kit/index.ts';
import { createBench, START_MS } from '../../conformance/bench.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const SETTINGS = {
  baseUrl: 'https://vendor.test/api',
  auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
};
/** Without a time, so that nothing but a read before the write shows what has changed. */
const OLD = { id: ID, name: 'before', attributes: { remarks: 'old' } };

type Step = JsonObject | 'timeout' | number | 'nothing' | 'missing';

async function patched(steps: readonly Step[], headers: Record<string, string> = {}) {
  const clock = { nowMs: START_MS };
  let next = 0;
  const bench = await createBench({
    vendor: 'nerm',
    settings: SETTINGS,
    clock,
    send: async () => {
      const step = steps[next] ?? 'timeout';
      next += 1;
      clock.nowMs += 1_000;
      if (step === 'timeout') return { failure: 'timeout', sent: true, reason: 'TIMEOUT' };
      return answerOf(step);
    },
  });
  const patch = '{"attributes":{"remarks":"new"}}';
  const { body } = await bench.ask({ id: ID, patch, headers });
  return { body, sent: bench.sent.map(({ method }) => method) };
}

function answerOf(step: Exclude<Step, 'timeout'>): HttpResponse {
  if (step === 'missing') {
    return { status: 400, headers: {}, body: '{"error":"profile not found"}' };
  }
  const [status, body] =
    typeof step === 'number' ? [step, {}] : [200, step === 'nothing' ? step : { profile: step }];
  return { status, headers: {}, body: JSON.stringify(body) };
}

test.each<[string, Step[], number]>([
  ['that is forbidden is not repeated', ['timeout', 403], 1],
  ['that finds no profile is not repeated', ['timeout', 'missing'], 1],
  ['that is not authorized is not repeated', ['timeout', 401], 1],
  ['that shows nothing is repeated once', ['timeout', 'nothing', 'nothing', 'nothing'], 2],
  ['after a response is not repeated', [OLD, 'nothing', 'nothing', 'nothing'], 1],
])('a read-back %s', async (_, steps, reads) => {
  const { body, sent } = await patched(steps);
  expect(body).toMatchObject({ outcome: 'unknown', reason: 'read_back_failed' });
  expect(sent).toEqual(['PATCH', ...Array.from({ length: reads }, () => 'GET')]);
});

test('a read before the write proves that nothing was stored', async () => {
  const known = await patched([OLD, OLD, OLD], { 'if-match': '*' });
  expect(known.body).toMatchObject({ code: 'not_stored', outcome: 'rejected' });
  const unread = await patched([OLD, OLD]);
  expect(unread.body).toMatchObject({ outcome: 'unknown', reason: 'conflicting_value' });
});
