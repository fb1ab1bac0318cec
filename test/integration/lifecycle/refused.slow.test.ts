import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, end, LISTENING, shell } from '../../support/child.ts';
import { call, sendRaw } from '../../support/client.ts';
import { opened } from './connections.ts';
import { eventsOf, nermAt, type Running, run, type Stage, setStage, until } from './stage.ts';

const KEY = 'key-of-operations-01';

let stage: Stage;
let running: Running;
beforeAll(async () => {
  stage = await setStage();
  const document = {
    version: 1,
    listen: { drainDelayMs: 0 },
    callers: { ops: { key: KEY, scopes: ['admin', 'profiles:read'] } },
    targets: { nerm: nermAt(stage) },
  };
  running = await run(stage.put('refused.json', JSON.stringify(document)));
});
afterAll(async () => {
  await end(running.child);
  await stage.stop();
});

const authorized = { headers: { authorization: `Bearer ${KEY}` } };

async function countOf(code: string): Promise<number> {
  const { text } = await call(running.origin, '/metrics', authorized);
  const line = new RegExp(`^profile_gateway_requests_total\\{.*code="${code}"\\} (\\d+)$`, 'm');
  return Number(line.exec(text)?.[1] ?? 0);
}

const HOST = 'Host: localhost\r\n';

describe('what the server refuses is answered by a problem, logged and counted', () => {
  test.each<[string, number, string, string]>([
    ['two hosts', 400, 'malformed_request', `GET /healthz HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`],
    ['no host', 400, 'malformed_request', 'GET /healthz HTTP/1.1\r\n\r\n'],
    [
      'a host that is none',
      400,
      'malformed_request',
      'GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n',
    ],
    ['OPTIONS *', 400, 'malformed_request', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
    ['TLS', 400, 'malformed_request', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a bad header', 400, 'malformed_request', `GET / HTTP/1.1\r\n${HOST}a b: c\r\n\r\n`],
    ['half a request', 400, 'malformed_request', 'GET /healthz HTTP/1.1\r\nHost: lo'],
    ['a large header', 431, 'headers_too_large', `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n`],
    ['an expectation', 417, 'expectation_failed', `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`],
    ['lower case', 501, 'method_not_implemented', `patch / HTTP/1.1\r\n${HOST}\r\n`],
    ['an unknown method', 501, 'method_not_implemented', `BREW / HTTP/1.1\r\n${HOST}\r\n`],
    ['a second one', 501, 'method_not_implemented', `get / HTTP/1.1\r\n${HOST}\r\nGET / HTTP/1.1`],
    ['CONNECT', 501, 'method_not_implemented', `CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n`],
  ])('%s: %i', async (_, status, code, bytes) => {
    const before = await countOf(code);
    const text = await receive(bytes);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json$/im);
    expect(head).toMatch(/^connection: close$/im);
    const problem = JSON.parse(body);
    expect(problem).toMatchObject({ type: 'about:blank', status, code });
    expect(head).toContain(problem.requestId);
    expect(await countOf(code)).toBe(before + 1);
    const logged = (): Record<string, unknown>[] =>
      eventsOf(running, 'request').filter(({ requestId }) => requestId === problem.requestId);
    await until(() => logged().length > 0, 'a line of the log');
    expect(logged()).toMatchObject([{ level: 'info', status, code }]);
  });
});

/** All that comes back for `bytes`, after which the sending side is closed. */
function receive(bytes: string): Promise<string> {
  const { hostname, port } = new URL(running.origin);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(text));
    socket.end(bytes, 'latin1');
  });
}

test('what an upgrade is asked of is answered as if it were not', async () => {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const text = await sendRaw(running.origin, `GET /healthz HTTP/1.1\r\n${HOST}${upgrade}\r\n`, 300);
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
});

test('a silent connection is no request', async () => {
  const before = eventsOf(running, 'request').length;
  const socket = await opened(running.origin);
  const closed = new Promise((resolve) => socket.once('end', resolve).resume());
  await closed;
  socket.destroy();
  expect(eventsOf(running, 'request')).toHaveLength(before);
});

describe('the connection of somebody unknown is not kept', () => {
  /** Time until the server closes a connection after one request; the answer's head. */
  async function keptFor(request: string): Promise<{ head: string; keptMs: number }> {
    const socket = await opened(running.origin, request);
    let head = '';
    const startMs = performance.now();
    const ended = new Promise<void>((resolve) => socket.once('end', resolve));
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
    });
    await ended;
    socket.destroy();
    return { head, keptMs: performance.now() - startMs };
  }

  test('after a 401', async () => {
    const { head, keptMs } = await keptFor(`GET /capabilities HTTP/1.1\r\n${HOST}\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 401 /);
    expect(head).toMatch(/^connection: close$/im);
    expect(keptMs).toBeLessThan(1_000);
  });

  test('for long after what anybody may ask', async () => {
    const { head, keptMs } = await keptFor(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head).toMatch(/^keep-alive: timeout=5$/im);
    expect(keptMs).toBeGreaterThan(4_000);
    expect(keptMs).toBeLessThan(9_000);
  });

  test('but that of a caller is', async () => {
    const { headers } = await call(running.origin, '/capabilities', {
      headers: { ...authorized.headers, connection: 'keep-alive' },
    });
    expect(headers).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=75' });
  });
});

test('a reload that is asked for during the start does not end the process', async () => {
  const path = stage.put(
    'start.json',
    JSON.stringify({ version: 1, targets: { n: nermAt(stage) } }),
  );
  const starting = run(path, ['--import', HANGS_UP]);
  const started = await starting;
  await until(() => eventsOf(started, 'reloaded').length === 1, 'a reload');
  expect(await end(started.child)).toBe(0);
});

test('a reload that failed for want of descriptors is tried again', async () => {
  const document = { version: 1, listen: { drainDelayMs: 0 }, targets: { n: nermAt(stage) } };
  const path = stage.put('descriptors.json', JSON.stringify(document));
  const line = `ulimit -n 60; exec ${process.execPath} ${CLI} --config ${path} --port 0`;
  const child = shell(line, { env: { LOG_LEVEL: undefined } });
  try {
    const origin = (await child.says(LISTENING))[1] ?? '';
    const starved = { child, origin };
    const many = Array.from({ length: 80 }, () => opened(origin, 'GET /healthz HT'));
    const sockets = await Promise.all(many);
    stage.put('descriptors.json', JSON.stringify({ ...document, routes: [] }));
    await child.says(/"reload_rejected".*EMFILE/);
    for (const socket of sockets) socket.destroy();
    await until(() => eventsOf(starved, 'reloaded').length === 1, 'the new file');
    expect(eventsOf(starved, 'reload_rejected')).toHaveLength(1);
  } finally {
    await end(child);
  }
});

/** Sends SIGHUP to the process that loads it, once the command line's own code runs. */
const HANGS_UP = `data:text/javascript,${encodeURIComponent(
  "import { registerHooks } from 'node:module';" +
    'registerHooks({ load(url, context, next) { if (url === "node:cluster") ' +
    "process.kill(process.pid, 'SIGHUP'); return next(url, context); } });",
)}`;
