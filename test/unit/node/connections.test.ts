import { expect, test } from 'vitest';
import { connectionsMax } from '../../../src/node/http-server/connections-max.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { opened } from '../../integration/lifecycle/connections.ts';

/** More than the buffers of a connection take without a reader. */
const LONG = 'x'.repeat(32 * 1024 * 1024);

test('a caller who takes a long answer slowly gets all of it while the server drains', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = (): Response => {
    asked.resolve();
    return new Response(LONG);
  };
  const { drain, origin } = await listen(answer, '127.0.0.1', 0);
  const socket = await opened(origin, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await asked.promise;
  const drained = drain(Promise.resolve());
  await new Promise((resolve) => setTimeout(resolve, 500));
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    length += chunk.length;
  });
  await drained;
  await new Promise((resolve) => socket.once('end', resolve));
  expect(length).toBeGreaterThan(LONG.length);
  socket.destroy();
});

test.each([
  ['Max open files            1024                 524288               files', 768],
  ['Max open files            1048576              1048576              files', 10_000],
  ['Max open files            unlimited            unlimited            files', 10_000],
  ['', 10_000],
])('the bound leaves descriptors for vendors: %s', (line, expected) => {
  expect(connectionsMax(`Limit Soft Hard\n${line}\n`)).toBe(expected);
});

test('a connection beyond the bound is closed at once, and reported', async () => {
  let dropped = 0;
  const onDropped = (): void => {
    dropped += 1;
  };
  const { drain, origin, server } = await listen(() => new Response(''), '127.0.0.1', 0, {
    onDropped,
  });
  expect(server.maxConnections).toBe(connectionsMax());
  server.maxConnections = 1;
  const first = await opened(origin);
  const second = await opened(origin);
  await new Promise((resolve) => second.once('end', resolve).once('close', resolve).resume());
  second.destroy();
  expect(dropped).toBe(1);
  first.destroy();
  await drain(Promise.resolve());
});
