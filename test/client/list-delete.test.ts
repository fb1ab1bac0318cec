import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProfileClient } from '../../src/client/index.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { NERM } from '../support/profiles.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** A client whose requests are answered in turn; the last answer is repeated. */
function scripted(answers: readonly (Response | Error)[], timeoutMs = 10_000) {
  let count = 0;
  return createProfileClient({
    baseUrl: 'http://gateway.test',
    timeoutMs,
    fetch: async () => {
      count += 1;
      const answer = answers[Math.min(count, answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer.clone();
    },
  });
}

const CUT = new TypeError('fetch failed');

test('profiles are listed page by page, and deleted', async () => {
  const client = createProfileClient({ baseUrl: gateway.origin });
  const doomed = '00000000-0000-4000-8000-0000000c11e7';
  gateway.sandbox('nerm').seed(doomed, { name: 'doomed' });
  const first = await client.list('nerm-demo', { limit: 1 });
  expect(first).toMatchObject({ ok: true, omitted: [], isTruncated: false });
  if (!first.ok) return;
  const { next = '', profiles } = first;
  expect(profiles.map(({ upstreamId }) => upstreamId)).toEqual([doomed]);
  const second = await client.list('nerm-demo', { limit: 1, cursor: next });
  expect(second).toMatchObject({ ok: true, profiles: [{ vendor: 'nerm' }] });
  const named = await client.list('nerm-demo', { filters: { name: 'doomed' } });
  expect(named).toMatchObject({ ok: true, profiles: [{ id: `nerm-demo:${doomed}` }] });
  expect(await client.list('nerm-demo', { filters: { color: 'red' } })).toMatchObject({
    ok: false,
    code: 'invalid_filter',
  });
  const id = `nerm-demo:${doomed}`;
  expect(await client.delete(id, { ifMatch: '"x"' })).toMatchObject({
    outcome: 'rejected',
    code: 'precondition_failed',
    etag: expect.any(String),
  });
  expect(await client.delete(id)).toMatchObject({
    outcome: 'applied',
    writeId: expect.any(String),
  });
  expect(await client.delete(id)).toMatchObject({
    outcome: 'rejected',
    code: 'profile_not_found',
  });
});

test('a delete that nobody answered stays unknown, whatever a repeat gets', async () => {
  const gone = Response.json(
    { code: 'profile_not_found', requestId: 'r', status: 404 },
    { status: 404 },
  );
  expect(await scripted([CUT, gone]).delete(NERM)).toMatchObject({
    outcome: 'unknown',
    code: 'profile_not_found',
  });
  const deleted = new Response(null, { status: 204 });
  expect(await scripted([CUT, deleted]).delete(NERM)).toMatchObject({
    outcome: 'applied',
  });
  expect(await scripted([CUT], 50).delete(NERM)).toMatchObject({ outcome: 'unknown' });
});
