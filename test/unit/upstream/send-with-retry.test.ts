import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/adapter-kit/index.ts';
import type { Send } from '../../../src/ports.ts';
import { createBench, START_MS } from '../../conformance/bench.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const DATE = new Date(START_MS).toUTCString();
const IN_3_S = new Date(START_MS + 3_000).toUTCString();
const KEY = { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' };
const CLIENT = {
  method: 'clientCredentials',
  tokenUrl: 'https://vendor.test/oauth/token',
  clientId: 'a-client-not-real',
  clientSecret: 'a-client-secret-not-real',
};
const shown: HttpResponse = { status: 200, headers: {}, body: `{"profile":{"id":"${ID}"}}` };
const token: HttpResponse = { status: 200, headers: {}, body: '{"access_token":"a-token-1"}' };

function busy(status: number, headers: Readonly<Record<string, string>>): HttpResponse {
  return { status, headers, body: '' };
}

/** Reads a profile of a vendor that answers `answers`; how long it took, and what it sent. */
async function read(auth: object, answers: readonly HttpResponse[]) {
  const clock = { nowMs: START_MS };
  let next = 0;
  const send: Send = async () => {
    next += 1;
    return answers[next - 1] ?? { failure: 'connect', sent: false, reason: 'NONE_LEFT' };
  };
  const settings = { baseUrl: 'https://vendor.test/api', auth: { ...auth } };
  const bench = await createBench({ vendor: 'nerm', settings, send, clock });
  const { status } = await bench.ask({ id: ID });
  return { status, tookMs: clock.nowMs - START_MS, requests: bench.sent.length };
}

// The bench draws the middle of every random wait: 50 ms before a first repeat.
test.each<[string, object, HttpResponse[], number]>([
  ['nothing', KEY, [busy(503, {}), shown], 50],
  ['seconds, and some more', KEY, [busy(503, { 'retry-after': '2' }), shown], 2_050],
  ['0', KEY, [busy(502, { 'retry-after': '0' }), shown], 50],
  ['a date', KEY, [busy(504, { 'retry-after': IN_3_S, date: DATE }), shown], 3_050],
  ['seconds, for a token', CLIENT, [busy(503, { 'retry-after': '2' }), token, shown], 2_050],
])(
  'a read waits before its repeat for as long as is asked: %s',
  async (_, auth, answers, waitMs) => {
    expect(await read(auth, answers)).toEqual({
      status: 200,
      tookMs: waitMs,
      requests: answers.length,
    });
  },
);

test('a read is not repeated where the wait would not end within the deadline', async () => {
  const answers = [busy(503, { 'retry-after': '31' }), shown];
  expect(await read(KEY, answers)).toEqual({ status: 503, tookMs: 0, requests: 1 });
});

test('a read that is throttled is not repeated', async () => {
  const answers = [busy(429, { 'retry-after': '1' }), shown];
  expect(await read(KEY, answers)).toEqual({ status: 503, tookMs: 0, requests: 1 });
});
