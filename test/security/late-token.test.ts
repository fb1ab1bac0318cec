import { expect, test } from 'vitest';
import { createSandboxSet } from '../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import { TOKENS_REMEMBERED_MAX } from '../../src/limits.ts';
import { createInMemoryGateway, UPSTREAM } from '../support/in-memory.ts';

/** Promises of the moment when a request is held, and of that when it is let go. */
function createHold() {
  const held = Promise.withResolvers<string>();
  const released = Promise.withResolvers<void>();
  return { held, released };
}

/** A gateway whose vendor holds the first read up, and then quotes the token of it. */
async function stage() {
  const set = createSandboxSet(Date.now, sandboxes);
  const demo = set.demos.find(({ target }) => target === 'iam-demo');
  if (demo === undefined) throw new Error('there is no such sandbox');
  const { held, released } = createHold();
  let isFirst = true;
  const gateway = await createInMemoryGateway({
    logLevel: 'debug',
    document: {
      version: 1,
      targets: { 'iam-demo': demo.configuration(UPSTREAM) },
    },
    fetch: async (request) => {
      if (request.method !== 'GET' || !request.url.includes('/v3-ext/') || !isFirst) {
        return set.fetch(request);
      }
      isFirst = false;
      const token = request.headers.get('x-auth-token') ?? '';
      held.resolve(token);
      await released.promise;
      const message = `No project for ${token}`;
      return Response.json({ error: { code: 404, message, title: 'Bad' } }, { status: 400 });
    },
  });
  return { gateway, demo, held, released };
}

test('a token is hidden in a late answer, however many others were issued since', async () => {
  const { demo, gateway, held, released } = await stage();
  const late = gateway.ask('GET', `/profiles/iam-demo:${demo.id}`);
  const token = await held.promise;
  // Each of them ends all tokens of the account.
  for (let n = 0; n <= TOKENS_REMEMBERED_MAX; n += 1) {
    const body = { target: 'iam-demo', name: `eu-de_n${n}` };
    const headers = { 'idempotency-key': `key-${n}` };
    const created = await gateway.ask('POST', '/profiles', { body, headers });
    expect(created.status).toBe(201);
  }
  released.resolve();
  const answer = await late;
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('No project for «secret:token»');
  expect(token.length).toBeGreaterThan(20);
  expect(answer.text).not.toContain(token.slice(0, 20));
  const logged = JSON.stringify(gateway.logs);
  expect(logged).toContain('No project for «secret:token»');
  expect(logged).not.toContain(token.slice(0, 20));
});
