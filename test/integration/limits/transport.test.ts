import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../src/adapter-kit/index.ts';
import { CONNECTION_LIFE_MS } from '../../../src/limits.ts';
import { readProxies } from '../../../src/node/http-client/proxy-environment.ts';
import { createUndiciSend, type UndiciSend } from '../../../src/node/http-client/send.ts';
import { VERSION } from '../../../src/node/version.ts';
import type { Transport } from '../../../src/ports.ts';
import { type Authority, createAuthority } from './authority.ts';
import { type ForwardProxy, startForwardProxy } from './forward-proxy.ts';
import { createListeners } from './listeners.ts';

let authority: Authority;
let stranger: Authority;
let secure: number;
let plain: number;
let mute: number;
const { close: closeServers, listen } = createListeners();

beforeAll(async () => {
  authority = createAuthority(['vendor.test', '127.0.0.1']);
  stranger = createAuthority(['vendor.test']);
  const answer: RequestListener = (request, response) => {
    response.end(`answered ${request.url}`);
  };
  secure = await listen(createHttpsServer(authority.server, answer));
  plain = await listen(createHttpServer(answer));
  // Takes connections and says nothing, not even the first word of TLS.
  mute = await listen(createTcpServer((socket) => socket.on('error', () => {})));
});

afterAll(() => {
  closeServers();
  authority.remove();
  stranger.remove();
});

const get = (origin: string): HttpRequest => ({ method: 'GET', origin, path: '/a?b', headers: {} });
const ANSWER = { status: 200, body: 'answered /a?b' };
const transport = (more: Partial<Transport> = {}): Transport => ({
  id: JSON.stringify(more),
  connectTimeoutMs: 2_000,
  connectionsMax: 4,
  ...more,
});

let open: UndiciSend[] = [];
function sender(options: Parameters<typeof createUndiciSend>[0] = {}): UndiciSend {
  const made = createUndiciSend(options);
  open.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(open.map(({ close }) => close()));
  open = [];
});

describe('private authorities', () => {
  it.each<[title: string, ca: () => string | undefined, reason: string | undefined]>([
    ['is trusted with its own', () => authority.ca, undefined],
    ['is trusted with its own among others', () => stranger.ca + authority.ca, undefined],
    ['is not trusted with another', () => stranger.ca, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['is not trusted by itself', () => undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('a server %s', async (_, ca, reason) => {
    const pem = ca();
    const trusting = transport(pem === undefined ? {} : { ca: pem });
    const answer = await sender().send(get(`https://127.0.0.1:${secure}`), 5_000, trusting);
    expect(answer).toMatchObject(
      reason === undefined ? ANSWER : { failure: 'connect', sent: false, reason },
    );
  });

  it('are not trusted for other targets of the same process', async () => {
    const { send } = sender();
    const request = get(`https://127.0.0.1:${secure}`);
    expect(await send(request, 5_000, transport({ ca: authority.ca }))).toMatchObject(ANSWER);
    expect(await send(request, 5_000, transport())).toMatchObject({ failure: 'connect' });
  });

  it('do not stand for names that a certificate does not have', async () => {
    const request = get(`https://localhost:${secure}`);
    const answer = await sender().send(request, 5_000, transport({ ca: authority.ca }));
    expect(answer).toMatchObject({ failure: 'connect', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});

describe('connections', () => {
  it('are waited for no longer than their own time, and nothing was sent', async () => {
    const startMs = Date.now();
    const request = get(`https://127.0.0.1:${mute}`);
    const answer = await sender().send(request, 10_000, transport({ connectTimeoutMs: 200 }));
    expect(answer).toMatchObject({ failure: 'connect', sent: false });
    expect(Date.now() - startMs).toBeLessThan(2_500);
  });

  it('are no more than the target may have', async () => {
    let now = 0;
    let most = 0;
    const server = createTcpServer((socket) => {
      now += 1;
      most = Math.max(most, now);
      socket.once('close', () => {
        now -= 1;
      });
      const say = (): boolean => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      socket.on('data', () => setTimeout(say, 20)).on('error', () => {});
    });
    const port = await listen(server);
    const { send } = sender();
    const few = transport({ connectionsMax: 3 });
    const request = get(`http://127.0.0.1:${port}`);
    await Promise.all(Array.from({ length: 12 }, () => send(request, 5_000, few)));
    expect(most).toBe(3);
  });

  it('serve no further request once they are old', async () => {
    let connected = 0;
    const kept = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=600\r\nContent-Length: 0\r\n\r\n';
    const server = createTcpServer((socket) => {
      connected += 1;
      socket.on('data', () => socket.write(kept)).on('error', () => {});
    });
    const request = get(`http://127.0.0.1:${await listen(server)}`);
    const { send } = sender({ lifeMs: 300 });
    const untilMs = performance.now() + 1_000;
    while (performance.now() < untilMs) {
      expect(await send(request, 5_000, transport())).toMatchObject({ status: 200 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(connected).toBeGreaterThan(1);
    expect(connected).toBeLessThan(5);
    expect(CONNECTION_LIFE_MS).toBe(60_000);
  });

  it('send the name of the gateway with each request', async () => {
    const seen: (string | undefined)[] = [];
    const server = createHttpServer(({ headers }, response) => {
      seen.push(headers['user-agent']);
      response.end();
    });
    const { send } = sender();
    await send(get(`http://127.0.0.1:${await listen(server)}`), 5_000);
    expect(seen).toEqual([`profile-gateway/${VERSION}`]);
  });

  it('of targets that are gone are closed', async () => {
    const connected = new Set<unknown>();
    const server = createTcpServer((socket) => {
      connected.add(socket);
      socket.once('close', () => connected.delete(socket)).on('error', () => {});
      // Longer than the gateway would keep it by itself.
      const kept = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=600\r\nContent-Length: 0\r\n\r\n';
      socket.on('data', () => socket.write(kept));
    });
    const port = await listen(server);
    const { pools, send } = sender({ idleMs: 200 });
    const request = get(`http://127.0.0.1:${port}`);
    await send(request, 5_000, transport({ id: 'old' }));
    await send(request, 5_000, transport({ id: 'new' }));
    expect([pools(), connected.size]).toEqual([2, 2]);
    const until = Date.now() + 3_000;
    while (connected.size > 1 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await send(request, 5_000, transport({ id: 'new' }));
    }
    expect([pools(), connected.size]).toEqual([1, 1]);
  });
});

describe('proxies', () => {
  let proxy: ForwardProxy;
  beforeAll(async () => {
    const ports = { 'vendor.test:443': secure, 'vendor.test': plain, 'other.test:443': secure };
    proxy = await startForwardProxy(ports);
  });
  afterEach(() => {
    (proxy.asked as string[]).length = 0;
    (proxy.credentials as unknown[]).length = 0;
  });
  afterAll(() => proxy.stop());

  const trusting = () => transport({ ca: authority.ca });
  const through = (environment: Record<string, string>): UndiciSend => {
    const read = readProxies(environment);
    if (!read.ok) throw new Error(`${read.name} cannot be used`);
    return sender({ proxies: read.proxies });
  };

  it.each<[title: string, variable: string, origin: string, asked: string]>([
    ['https', 'HTTPS_PROXY', 'https://vendor.test', 'CONNECT vendor.test:443'],
    ['https in lower case', 'https_proxy', 'https://vendor.test', 'CONNECT vendor.test:443'],
    ['http', 'HTTP_PROXY', 'http://vendor.test', 'GET http://vendor.test/a?b'],
  ])('are asked for %s', async (_, variable, origin, asked) => {
    const { send } = through({ [variable]: proxy.url });
    expect(await send(get(origin), 5_000, trusting())).toMatchObject(ANSWER);
    expect(proxy.asked).toEqual([asked]);
  });

  it.each<[except: string, host: string, goesThrough: boolean]>([
    ['10.0.0.0/8,192.0.2.0/24', '192.0.2.7', false],
    ['192.0.2.0/25', '192.0.2.200', true],
    ['2001:db8::/32', '[2001:db8::7]', false],
    ['2001:db8::/32', '[2001:db9::7]', true],
    ['192.0.2.0/24', 'vendor.test', true],
    ['', 'vendor.test', true],
    ['vendor.test', 'vendor.test', false],
    ['test', 'vendor.test', false],
    ['.test', 'vendor.test', false],
    ['*', 'vendor.test', false],
    ['other.test, vendor.test', 'vendor.test', false],
    ['vendor.test:443', 'vendor.test', false],
    ['vendor.test:8443', 'vendor.test', true],
    ['endor.test', 'vendor.test', true],
    ['vendor.test', 'other.test', true],
  ])('with NO_PROXY=%j %s is asked for: %s', async (except, host, goesThrough) => {
    const { send } = through({ HTTPS_PROXY: proxy.url, NO_PROXY: except });
    await send(get(`https://${host}`), 500, trusting());
    // Nobody answers for these names but the proxy.
    expect(proxy.asked).toEqual(goesThrough ? [`CONNECT ${host}:443`] : []);
  });

  it.each(['127.0.0.1', 'localhost'])('are not asked for %s', async (host) => {
    const { send } = through({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
    expect(await send(get(`http://${host}:${plain}`), 5_000, transport())).toMatchObject(ANSWER);
    expect(proxy.asked).toEqual([]);
  });

  it('of one scheme are not asked for the other', async () => {
    const { send } = through({ HTTP_PROXY: proxy.url });
    await send(get('https://vendor.test'), 2_000, trusting());
    expect(proxy.asked).toEqual([]);
  });

  it('are told the credentials of their address', async () => {
    const { send } = through({ HTTPS_PROXY: proxy.url.replace('//', '//us%65r:p%40ss@') });
    expect(await send(get('https://vendor.test'), 5_000, trusting())).toMatchObject(ANSWER);
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(proxy.credentials).toEqual([basic]);
  });

  it('that open no tunnel are told as never sent', async () => {
    const { send } = through({ HTTPS_PROXY: proxy.url });
    const answer = await send(get('https://nobody.test'), 5_000, trusting());
    expect(answer).toMatchObject({ failure: 'connect', sent: false });
  });

  it('do not make another name good', async () => {
    const { send } = through({ HTTPS_PROXY: proxy.url });
    const answer = await send(get('https://other.test'), 5_000, trusting());
    expect(answer).toMatchObject({ failure: 'connect', sent: false });
  });

  it('that stall are waited for no longer than a connection', async () => {
    const stalling = await startForwardProxy({});
    stalling.stall();
    const { send } = through({ HTTPS_PROXY: stalling.url });
    const startMs = Date.now();
    const hasty = transport({ connectTimeoutMs: 300 });
    const answer = await send(get('https://vendor.test'), 10_000, hasty);
    expect(answer).toMatchObject({ failure: 'connect', sent: false });
    expect(Date.now() - startMs).toBeLessThan(3_000);
    await stalling.stop();
  });

  it.each(['http', 'https'])('that refuse their credentials are an answer: %s', async (scheme) => {
    const server = createHttpServer((_, response) => response.writeHead(407).end('no'));
    server.on('connect', (_, socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'));
    const url = `127.0.0.1:${await listen(server)}`;
    const read = readProxies({ HTTP_PROXY: `http://${url}`, HTTPS_PROXY: `http://u:p@${url}` });
    if (!read.ok) throw new Error(read.message);
    const refusals: string[] = [];
    const { send } = sender({
      proxies: read.proxies,
      onProxyRefusal: (proxy) => refusals.push(proxy),
    });
    const answer = await send(get(`${scheme}://vendor.test`), 5_000, trusting());
    expect(answer).toEqual({ status: 407, headers: {}, body: '' });
    expect(refusals).toEqual([url]);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'vendor.test/8', '10.0.0.0/', '10.0.0.0/8/8', '::/129'])(
    'are not excepted by the range %s',
    (written) => {
      expect(readProxies({ NO_PROXY: `a.test, ${written}` })).toMatchObject({
        ok: false,
        name: 'NO_PROXY',
      });
    },
  );

  it.each(['HTTP_PROXY', 'HTTPS_PROXY'])('must be URLs: %s', (name) => {
    for (const written of ['proxy:3128', 'socks5://proxy:1080', '%']) {
      expect(readProxies({ [name]: written })).toMatchObject({ ok: false, name });
    }
    expect(readProxies({ [name]: '' })).toMatchObject({ ok: true });
  });
});
