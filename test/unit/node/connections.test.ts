import { expect, test } from 'vitest';
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

test('a connection beyond the bound is closed at once, and reported', async () => {
  let dropped = 0;
  const onDropped = (): void => {
    dropped += 1;
  };
  const { drain, origin, server } = await listen(() => new Response(''), '127.0.0.1', 0, {
    onDropped,
  });
  expect(server.maxConnections).toBe(10_000);
  server.maxConnections = 1;
  const first = await opened(origin);
  const second = await opened(origin);
  await new Promise((resolve) => second.once('end', resolve).once('close', resolve).resume());
  second.destroy();
  expect(dropped).toBe(1);
  first.destroy();
  await drain(Promise.resolve());
});
