import { expect, test } from 'vitest';
import { createInMemoryGateway, NOW_MS, UPSTREAM } from '../../support/in-memory.ts';
import { NERM, nermTarget } from '../../support/profiles.ts';

/** A gateway whose vendor answers nothing before `answer` is called. */
async function start(callers: object = {}) {
  const released = Promise.withResolvers<void>();
  const gateway = await createInMemoryGateway({
    document: {
      version: 1,
      targets: { 'nerm-demo': nermTarget({ limits: { maxConcurrentRequests: 1000 } })(UPSTREAM) },
      ...callers,
    },
    fetch: async () => {
      await released.promise;
      return new Response('{"error":"no"}', { status: 400 });
    },
  });
  return { ...gateway, answer: released.resolve };
}

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    return `${NERM.slice(0, -4)}${String(NOW_MS + i).slice(-4)}`;
  });

test('patches in flight hold at most 32 MiB of bodies', async () => {
  const { answer, ask } = await start();
  const body = { attributes: { note: 'n'.repeat(255 * 1024) } };
  const answers = ids(140).map((id) => ask('PATCH', `/profiles/${id}`, { body }));
  const first = await Promise.race(answers);
  expect(first).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  answer();
  const all = await Promise.all(answers);
  expect(all.filter(({ status }) => status === 503).length).toBeGreaterThanOrEqual(10);
  expect(all.filter(({ status }) => status === 422)).toHaveLength(128);
  expect((await ask('PATCH', `/profiles/${NERM}`, { body })).status).toBe(422);
});

test('a caller has at most so many requests in flight', async () => {
  const key = 'key-of-a-busy-caller';
  const limits = { maxConcurrentRequests: 2 };
  const callers = { busy: { key, scopes: ['profiles:read', 'profiles:write'], limits } };
  const { answer, ask } = await start({ callers });
  const headers = { authorization: `Bearer ${key}` };
  const answers = ids(3).map((id) => ask('GET', `/profiles/${id}`, { headers }));
  expect(await Promise.race(answers)).toMatchObject({
    status: 429,
    body: { code: 'rate_limited' },
  });
  answer();
  const all = await Promise.all(answers);
  expect(all.map(({ status }) => status === 429)).toEqual([false, false, true]);
  expect((await ask('GET', `/profiles/${NERM}`, { headers })).status).not.toBe(429);
});
