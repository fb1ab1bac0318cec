import { expect, test } from 'vitest';
import type { Json } from '../../src/adapter-kit/index.ts';
import { UPSTREAM_MESSAGE_CHARACTERS_MAX } from '../../src/limits.ts';
import { createBench } from '../conformance/bench.ts';

const TOKEN = 'canary-0123456789-abcdefghij';
const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const auth = { method: 'token', token: TOKEN, scheme: 'Bearer' };

test.each<[string, (message: string) => string]>([
  ['as plain text', (message) => message],
  ['as JSON text', (message) => JSON.stringify(message)],
  ['in an object', (error) => JSON.stringify({ error })],
])('a message %s that is cut tells no part of a secret', async (_, bodyOf) => {
  let message = '';
  const bench = await createBench({
    vendor: 'nerm',
    settings: { baseUrl: 'https://vendor.test/api', auth },
    send: async () => ({ status: 400, headers: {}, body: bodyOf(message) }),
  });
  const told: Json[] = [];
  for (let before = 0; before <= UPSTREAM_MESSAGE_CHARACTERS_MAX; before += 1) {
    message = `${'x'.repeat(before)} ${TOKEN} and more`;
    told.push((await bench.ask({ id: ID })).body);
  }
  expect(JSON.stringify(told)).toContain('«secret:auth.token»');
  expect(JSON.stringify(told)).not.toContain(TOKEN.slice(0, 4));
});
