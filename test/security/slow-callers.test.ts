import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, expectProblem, sendRaw } from '../support/client.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { NERM } from '../support/profiles.ts';

const KEY = 'key-of-a-slow-one-01';
const PATIENCE = { headersMs: 300, requestMs: 700, lookMs: 50 };
/** How much later than its bound a connection may end on a busy machine. */
const SLACK_MS = 3_000;

let gateway: RunningGateway;
beforeAll(async () => {
  const callers = { slow: { key: KEY, scopes: ['profiles:read', 'profiles:write'] } };
  gateway = await startGateway({ callers, patience: PATIENCE });
});
afterAll(() => gateway.stop());

type End = { readonly text: string; readonly endedMs: number };

/** Writes `start` at once and then one more character at a time, until the server hangs up. */
function trickle(start: string, more: string, everyMs = 20): Promise<End> {
  const { hostname, port } = new URL(gateway.origin);
  return new Promise((resolve) => {
    const startMs = performance.now();
    let text = '';
    let at = 0;
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(start));
    const timer = setInterval(() => {
      socket.write(more[at % more.length] ?? 'x');
      at += 1;
    }, everyMs);
    const giveUp = setTimeout(() => socket.destroy(), 10_000);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(timer);
      clearTimeout(giveUp);
      resolve({ text, endedMs: performance.now() - startMs });
    });
  });
}

const HEAD =
  `PATCH /profiles/${NERM} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY}\r\n` +
  'Content-Type: application/json\r\n';

describe('a connection is closed in time, and nothing reaches a vendor, when', () => {
  it.each<[string, string, string, number]>([
    ['nothing but a first byte comes', 'P', '', PATIENCE.headersMs],
    [
      'its headers trickle',
      'PATCH /x HTTP/1.1\r\nHost: localhost\r\nX-A: ',
      'a',
      PATIENCE.headersMs,
    ],
    ['its header lines trickle', 'GET / HTTP/1.1\r\n', 'a:b\r\n', PATIENCE.headersMs],
    [
      'its body trickles',
      `${HEAD}Content-Length: 100000\r\n\r\n{"name":"`,
      'a',
      PATIENCE.requestMs,
    ],
    [
      'its chunks trickle',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n{"name":"\r\n`,
      '1\r\na\r\n',
      PATIENCE.requestMs,
    ],
    ['its body never comes', `${HEAD}Content-Length: 100\r\n\r\n`, '', PATIENCE.requestMs],
  ])('%s', async (_, start, more, boundMs) => {
    const seen = gateway.upstream.length;
    const { endedMs } = await (more === '' ? trickle(start, ' ', 60_000) : trickle(start, more));
    expect(endedMs).toBeGreaterThan(boundMs * 0.5);
    expect(endedMs).toBeLessThan(boundMs + SLACK_MS);
    expect(gateway.upstream.length).toBe(seen);
  });

  it('it has many like it, and others are served meanwhile', async () => {
    const slow = Array.from({ length: 100 }, () => trickle(`${HEAD}X-A: `, 'a', 50));
    const headers = { authorization: `Bearer ${KEY}` };
    for (let i = 0; i < 5; i += 1) {
      expect((await call(gateway.origin, `/profiles/${NERM}`, { headers })).status).toBe(200);
    }
    for (const { endedMs } of await Promise.all(slow)) {
      expect(endedMs).toBeLessThan(PATIENCE.headersMs + SLACK_MS);
    }
  });
});

describe('headers that are too large', () => {
  it.each<[string, string]>([
    ['one', `X-A: ${'a'.repeat(70_000)}\r\n`],
    ['many', 'X-A: aaaaaaaa\r\n'.repeat(6_000)],
    ['a name', `${'a'.repeat(70_000)}: 1\r\n`],
    ['a key', `Authorization: Bearer ${'a'.repeat(70_000)}\r\n`],
  ])('%s: 431, and nothing reaches a vendor', async (_, lines) => {
    const seen = gateway.upstream.length;
    const text = await sendRaw(gateway.origin, `${HEAD}${lines}Content-Length: 2\r\n\r\n{}`, 500);
    expect(text).toMatch(/^(?:HTTP\/1\.1 431 |$)/);
    expect(gateway.upstream.length).toBe(seen);
  });

  it('a target that is too long is refused likewise', async () => {
    const seen = gateway.upstream.length;
    const line = `GET /profiles/nerm-demo:${'a'.repeat(70_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    expect(await sendRaw(gateway.origin, line, 500)).toMatch(/^(?:HTTP\/1\.1 431 |$)/);
    expect(gateway.upstream.length).toBe(seen);
  });

  it('within the bound are read, and mean nothing', async () => {
    const headers = { authorization: `Bearer ${KEY}`, 'x-a': 'a'.repeat(50_000) };
    expect((await call(gateway.origin, `/profiles/${NERM}`, { headers })).status).toBe(200);
    const key = { authorization: `Bearer ${'a'.repeat(50_000)}` };
    const answer = await call(gateway.origin, `/profiles/${NERM}`, { headers: key });
    expectProblem(answer, 401, 'unauthenticated');
  });
});
