import { expect, test } from 'vitest';
import { serveAsset } from '../../src/console/assets.ts';
import { withConsole } from '../../src/node/console/with-console.ts';
import { openGatewayHere, SESSION_KEY } from './in-process.ts';

/** Fails once, and then does what it should. */
function failingOnce(text: string): () => Promise<string> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return text;
  };
}

test('a key of the sessions that could not be had is asked for again', async () => {
  const { gateway } = await openGatewayHere();
  const ask = withConsole(gateway.fetch, {
    ports: gateway.ports,
    current: () => ({ console: { enabled: true }, gateway: gateway.snapshot }),
    gateway: () => gateway.snapshot,
    process: {},
    link: { sessionKey: failingOnce(SESSION_KEY) },
  });
  const statusOf = async () => {
    const request = new Request('http://localhost:8787/console/sign-in');
    return (await ask(request, { role: 'shared' })).status;
  };
  expect([await statusOf(), await statusOf()]).toEqual([500, 200]);
});

test('a file that could not be read is read again', async () => {
  const serve = serveAsset(failingOnce('body {}'));
  const state = { responseHeaders: {} };
  const c = { get: () => state, req: { param: () => 'console.css' } };
  const answer = async () =>
    await serve(c as unknown as Parameters<typeof serve>[0], async () => {});
  await expect(answer()).rejects.toThrow('not yet');
  const second = await answer();
  expect(second instanceof Response && (await second.text())).toBe('body {}');
});
