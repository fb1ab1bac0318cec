import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { HttpRequest } from '../../src/adapter-kit/index.ts';
import { CONNECTIONS_PER_ORIGIN_MAX, createUndiciSend } from '../../src/node/http-client/send.ts';
import { isFailure } from '../../src/ports.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';

test('a request that was given up before it had a connection never goes out', async () => {
  const waiting: Socket[] = [];
  let requests = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      waiting.push(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { close, send } = createUndiciSend();
  const request: HttpRequest = {
    method: 'PATCH',
    origin: `http://127.0.0.1:${port}`,
    path: '/',
    headers: {},
    body: '{}',
  };
  const first = Array.from({ length: CONNECTIONS_PER_ORIGIN_MAX }, () => send(request, 5_000));
  const late = await send(request, 100);
  expect(late).toMatchObject({ failure: 'timeout', sent: false });
  for (const socket of waiting) socket.write(OK);
  const answers = await Promise.all(first);
  expect(answers.filter(isFailure)).toEqual([]);
  // The connections are free now, and stay unused.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(requests).toBe(CONNECTIONS_PER_ORIGIN_MAX);
  await close();
  server.close();
});

test('a reused connection that breaks after the request counts as sent', async () => {
  let requests = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      if (requests === 1) socket.write(OK);
      else socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { close, send } = createUndiciSend();
  const origin = `http://127.0.0.1:${port}`;
  const request: HttpRequest = { method: 'PATCH', origin, path: '/', headers: {}, body: '{}' };
  expect(await send(request, 1_000)).toMatchObject({ status: 200, body: '{}' });
  expect(await send(request, 1_000)).toMatchObject({ failure: 'reset', sent: true });
  expect(requests).toBe(2);
  await close();
  server.close();
});

test('an answer is its first header of each name, in lower case, and all of its body', async () => {
  const body = Buffer.from('{"name":"é"}');
  const middle = body.indexOf(0xc3) + 1;
  const head = `HTTP/1.1 200 OK\r\nX-One: 1\r\nX-Two: a\r\nx-two: b\r\nContent-Length: ${body.length}\r\n\r\n`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', async () => {
      // Each write arrives by itself, so that a character comes in two parts.
      for (const part of [Buffer.from(head), body.subarray(0, middle), body.subarray(middle)]) {
        socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { close, send } = createUndiciSend();
  const origin = `http://127.0.0.1:${port}`;
  const answer = await send({ method: 'GET', origin, path: '/', headers: {} }, 5_000);
  expect(answer).toEqual({
    status: 200,
    headers: { 'x-one': '1', 'x-two': 'a', 'content-length': String(body.length) },
    body: '{"name":"é"}',
  });
  await close();
  server.close();
});
