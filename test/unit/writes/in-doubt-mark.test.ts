import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import type { InDoubtRegistry } from '../../../src/state/in-doubt.ts';
import { createBench, START_MS } from '../../conformance/bench.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const SETTINGS = {
  baseUrl: 'https://vendor.test/api',
  auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
};
/** NERM's settle time. */
const SETTLE_MS = 90_000;

type Answer = JsonObject | 'timeout' | number;

/** Patches the name, and lists the marks and the requests in their order. */
async function eventsOf(
  answers: readonly Answer[],
  settings: JsonObject = SETTINGS,
): Promise<string[]> {
  const clock = { nowMs: START_MS };
  const events: string[] = [];
  const doubts: InDoubtRegistry = {
    mark: (_, lengthMs) => events.push(`mark ${lengthMs}`),
    clear: () => events.push('clear'),
    leftMs: () => 0,
  };
  let next = 0;
  const bench = await createBench({
    vendor: 'nerm',
    settings,
    clock,
    doubts,
    send: async ({ method }) => {
      events.push(method);
      const answer = answers[next] ?? 500;
      next += 1;
      clock.nowMs += 1_000;
      if (answer === 'timeout') return { failure: 'timeout', sent: true, reason: 'TIMEOUT' };
      if (typeof answer === 'number') return { status: answer, headers: {}, body: '{}' };
      const body = 'access_token' in answer ? answer : { profile: answer };
      return { status: 200, headers: {}, body: JSON.stringify(body) };
    },
  });
  const headers = { 'if-match': '*' };
  await bench.ask({ id: ID, patch: '{"name":"after"}', headers });
  return events;
}

const BEFORE = { id: ID, name: 'before', attributes: {}, updated_at: '2026-01-01T00:00:00.000Z' };
const AFTER = { ...BEFORE, name: 'after' };
const MARK = `mark ${SETTLE_MS}`;

test.each<[string, Answer[], string[]]>([
  ['answered: before the send until its answer', [BEFORE, AFTER], ['GET', MARK, 'PATCH', 'clear']],
  ['refused: the same', [BEFORE, 422], ['GET', MARK, 'PATCH', 'clear']],
  [
    'not answered: until it is seen to be applied, from when it was given up',
    [BEFORE, 'timeout', AFTER],
    ['GET', MARK, 'PATCH', MARK, 'GET', 'clear'],
  ],
  [
    'not answered, then sent again: for good, since the first send may still be applied',
    [BEFORE, 'timeout', BEFORE, BEFORE, AFTER],
    ['GET', MARK, 'PATCH', MARK, 'GET', 'GET', MARK, 'PATCH'],
  ],
  ['not needed: never', [AFTER], ['GET']],
])('a profile is in doubt while a write is %s', async (_, answers, events) => {
  expect(await eventsOf(answers)).toEqual(events);
});

test('a profile is in doubt from when a write leaves, which may wait for a token before', async () => {
  const auth = {
    method: 'clientCredentials',
    tokenUrl: 'https://vendor.test/oauth/token',
    clientId: 'a-client',
    clientSecret: 'a-client-secret',
  };
  const token = { access_token: 'a-token', token_type: 'Bearer', expires_in: 3600 };
  const answers = [token, BEFORE, 401, token, AFTER];
  const events = await eventsOf(answers, { ...SETTINGS, auth });
  expect(events).toEqual(['POST', 'GET', MARK, 'PATCH', 'POST', MARK, 'PATCH', 'clear']);
});
