import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, MERGE_PATCH, read, sendRaw } from '../support/client.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { IAM, NAVER, NERM, nermTarget, SENLIN, upstreamIdOf } from '../support/profiles.ts';
import { type Recorder, startRecorder } from './recorder.ts';

const KEY = 'key-of-a-stranger-01';

/** Where an attacker wants requests to go, and where they may go. */
let trap: Recorder;
let vendor: Recorder;
let open: RunningGateway;
let closed: RunningGateway;
beforeAll(async () => {
  trap = await startRecorder();
  vendor = await startRecorder();
  const targets = { 'nerm-seen': () => nermTarget()(vendor.origin) };
  const scopes = ['profiles:read', 'profiles:write'];
  open = await startGateway({ targets, defaultTarget: 'senlin-demo' });
  closed = await startGateway({
    targets,
    defaultTarget: 'senlin-demo',
    callers: { stranger: { key: KEY, scopes } },
  });
});
afterAll(async () => {
  await open.stop();
  await closed.stop();
  await vendor.stop();
  expect(trap.connections()).toBe(0);
  await trap.stop();
});

const bearer = { authorization: `Bearer ${KEY}` };
const SEEN = `nerm-seen:${upstreamIdOf(NERM)}`;
const hostsOf = (): readonly (readonly [string, string])[] => {
  const host = `127.0.0.1:${trap.port}`;
  const names = [
    'X-Forwarded-Host',
    'X-Forwarded-Server',
    'X-Forwarded-For',
    'X-Original-Host',
    'X-Host',
    'X-Real-IP',
    'X-Client-IP',
    'True-Client-IP',
    'X-Backend',
    'X-Upstream',
    'X-Target',
  ];
  const urls = ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-URI', 'Referer', 'Origin'];
  const more = ['Location', 'Content-Location', 'Destination', 'Link', 'Base-Url', 'X-Base-Url'];
  return [
    ...names.map((name) => [name, host] as const),
    ...[...urls, ...more].map((name) => [name, `http://${host}/x`] as const),
    ['Forwarded', `for=${host};host=${host};proto=http;by=${host}`],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Port', String(trap.port)],
    ['X-Forwarded-Prefix', `//${host}`],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Via', `1.1 ${host}`],
    ['Proxy', `http://${host}`],
    ['Proxy-Authorization', 'Basic eDp5'],
    ['Cookie', 'a=b'],
    ['X-Auth-Token', 'stolen'],
    ['X-Subject-Token', 'stolen'],
    ['X-NCP-IAM-ACCESS-KEY', 'stolen'],
    ['Host', host],
  ];
};

describe('no header chooses where a request goes', () => {
  it('nor is one of them passed on', async () => {
    const plain = await sentBy(bearer);
    for (const [name, value] of hostsOf()) {
      expect([name, await sentBy({ ...bearer, [name]: value })]).toEqual([name, plain]);
    }
    const all = await sentBy({ ...bearer, ...Object.fromEntries(hostsOf()) });
    expect(all).toEqual(plain);
    expect(trap.connections()).toBe(0);
  });

  async function sentBy(headers: Readonly<Record<string, string>>) {
    const from = vendor.requests.length;
    const options = {
      method: 'PATCH',
      headers: { ...MERGE_PATCH, ...headers },
      body: '{"name":"x"}',
    };
    await call(closed.origin, `/profiles/${SEEN}`, options);
    return vendor.requests.slice(from).map(({ headers: sent, line }) => ({
      line,
      headers: sent.filter((header) => !/^traceparent:/i.test(header)),
    }));
  }

  it('nor does a whole URL in the request line', async () => {
    for (const scheme of ['http', 'https', 'ftp', 'file']) {
      const line = `GET ${scheme}://127.0.0.1:${trap.port}/profiles/${SEEN} HTTP/1.1`;
      const text = await sendRaw(
        closed.origin,
        `${line}\r\nHost: localhost\r\nAuthorization: Bearer ${KEY}\r\nConnection: close\r\n\r\n`,
      );
      expect(text).not.toContain('127.0.0.1');
    }
    expect(trap.connections()).toBe(0);
  });
});

describe('no id chooses where a request goes', () => {
  const evilOf = (): string[] => {
    const host = `127.0.0.1:${trap.port}`;
    return [
      `http://${host}/`,
      `https://${host}`,
      `//${host}/`,
      `\\\\${host}\\`,
      `@${host}`,
      `x@${host}/`,
      `:${trap.port}`,
      `.${host}`,
      '..',
      '../..',
      `../../../../..//${host}`,
      '..;/',
      '.%2e/',
      '%2e%2e%2f',
      './x',
      '?x=1',
      '#x',
      `${upstreamIdOf(NERM)}/../../x`,
      `${upstreamIdOf(NERM)}?x=1`,
      `${upstreamIdOf(NERM)}#x`,
      `${upstreamIdOf(NERM)}@${host}`,
      `${upstreamIdOf(SENLIN)}/actions`,
      '169.254.169.254',
      'latest/meta-data',
      'file:///etc/passwd',
      'gopher://x',
    ];
  };

  it('those that are no id of their target are refused, and nothing is sent', async () => {
    const seen = closed.upstream.length;
    const recorded = vendor.requests.length;
    const targets = ['senlin-demo:', 'nerm-demo:', 'iam-demo:', 'naver-demo:', 'nerm-seen:', ''];
    for (const evil of evilOf()) {
      for (const target of targets) {
        const id = encodeURIComponent(target + evil);
        const answers: Answer[] = [
          await read(closed.origin, id, bearer),
          await call(closed.origin, `/profiles/${id}`, {
            method: 'PATCH',
            headers: { ...MERGE_PATCH, ...bearer },
            body: '{"name":"x"}',
          }),
          await call(closed.origin, `/profiles/${id}/explain?read=true`, {
            method: 'POST',
            headers: { ...MERGE_PATCH, ...bearer },
            body: '{"name":"x"}',
          }),
        ];
        for (const { json, status } of answers) {
          expect([target + evil, status, json.code]).toEqual([
            target + evil,
            expect.toBeOneOf([400, 404]),
            expect.toBeOneOf(['invalid_id', 'unknown_target', 'not_found']),
          ]);
        }
      }
    }
    expect(closed.upstream.length).toBe(seen);
    expect(vendor.requests.length).toBe(recorded);
    expect(trap.connections()).toBe(0);
  });
});

describe('without callers a page elsewhere reaches no vendor', () => {
  const body = '{"name":"rebound"}';
  const asPatch = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const requests: readonly (readonly [line: string, rest: string])[] = [
    [`GET /profiles/${IAM}`, '\r\n'],
    ['GET /capabilities', '\r\n'],
    [`PATCH /profiles/${NAVER}`, asPatch],
    [`POST /profiles/${NAVER}/explain?read=true`, asPatch],
  ];

  it.each<[string, Readonly<Record<string, string>>]>([
    ...[
      'rebound.example',
      'rebound.example:8787',
      'localhost.rebound.example',
      '127.0.0.1.rebound.example',
      'localhost:80:80',
      'localhost,rebound.example',
      'localhost@rebound.example',
      'rebound.example#localhost',
      'rebound.example?localhost',
      'rebound.example/localhost',
      'rebound.example\\localhost',
      'notlocalhost',
      '10.0.0.1',
      '0.0.0.0',
      '0',
      '169.254.169.254',
      '[::]',
      '[::ffff:10.0.0.1]',
      '[::1].rebound.example',
      '127.1',
      '2130706433',
      '0x7f.1',
      'ⓛocalhost',
      '',
      // What no URL can have as a host: the answer must not be that the gateway failed.
      '12t.0.0.1',
      '999.1.1.1',
    ].map((host): [string, Record<string, string>] => [`by the name "${host}"`, { host }]),
    ['by a loopback name from its own origin', { origin: 'http://rebound.example' }],
    ['by a loopback name from a hidden origin', { origin: 'null' }],
    ['by a loopback name without telling', { 'sec-fetch-site': 'cross-site' }],
  ])('%s', async (_, headers) => {
    const seen = open.upstream.length;
    const lines = Object.entries({ host: 'localhost', ...headers }).map((pair) => pair.join(': '));
    for (const [line, rest] of requests) {
      const bytes = `${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n${rest}`;
      const text = await sendRaw(open.origin, bytes);
      expect(text).toMatch(/^HTTP\/1\.1 40[03] /);
      expect(text.toLowerCase()).not.toContain('access-control');
    }
    expect(open.upstream.length).toBe(seen);
  });

  it('by a whole URL beside a loopback name, either way round', async () => {
    const seen = open.upstream.length;
    for (const [url, host] of [
      ['http://rebound.example', 'localhost'],
      ['http://localhost', 'rebound.example'],
    ]) {
      const bytes = `GET ${url}/profiles/${NAVER} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      expect(await sendRaw(open.origin, bytes, 250)).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect(open.upstream.length).toBe(seen);
  });

  it('but a page on this machine does', async () => {
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:1']) {
      const headers = { host: 'localhost', origin, 'sec-fetch-site': 'same-site' };
      expect((await read(open.origin, NAVER, headers)).status).toBe(200);
    }
  });
});
