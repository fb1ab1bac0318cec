import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, expectProblem, patch, read, sendRaw } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { NAVER, NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe('what is not there', () => {
  it.each([
    ['/', 'not_found'],
    ['/nope', 'not_found'],
    ['/openapi/json', 'not_found'],
    ['/profile', 'not_found'],
    ['/profiles/', 'not_found'],
    [`/profiles/${NERM}/`, 'not_found'],
    [`/profiles/${NERM}/name`, 'not_found'],
    [`//profiles/${NERM}`, 'not_found'],
    [`/Profiles/${NERM}`, 'not_found'],
    ['/profiles/nowhere:1', 'unknown_target'],
    ['/profiles/:1', 'unknown_target'],
    ['/profiles/NERM-DEMO:1', 'unknown_target'],
    ['/profiles/__proto__:1', 'unknown_target'],
    ['/profiles/plain', 'route_not_found'],
    [`/profiles/${upstreamIdOf(NERM)}`, 'route_not_found'],
    ['/capabilities/nowhere', 'unknown_target'],
    ['/capabilities/a/b', 'not_found'],
    ['/healthz/x', 'not_found'],
    ['/healthz/', 'not_found'],
  ])('GET %s is 404 %s', async (path, code) => {
    const seen = gateway.upstream.length;
    expectProblem(await call(gateway.origin, path), 404, code);
    expect(gateway.upstream.length).toBe(seen);
  });

  it.each(['nowhere:1', 'plain'])('PATCH of %s is 404 too', async (id) => {
    const answer = await patch(gateway.origin, id, { name: 'x' });
    expectProblem(answer, 404, id === 'plain' ? 'route_not_found' : 'unknown_target');
  });
});

describe('an id', () => {
  const uuid = upstreamIdOf(SENLIN);
  it.each([
    'senlin-demo:',
    'senlin-demo:test_prof1',
    `senlin-demo:${uuid.toUpperCase()}`,
    `senlin-demo:${uuid.slice(0, 8)}`,
    `senlin-demo:${uuid}%2Fops`,
    `senlin-demo:${uuid}%0A`,
    `senlin-demo:${uuid}%00`,
    `senlin-demo:%2E%2E`,
    `senlin-demo:%252E%252E`,
    `senlin-demo: ${uuid}`.replace(' ', '%20'),
    `senlin-demo:${uuid}%3Fx=1`,
    `senlin-demo:senlin-demo:${uuid}`,
    'iam-demo:a1b2',
    'naver-demo:76DA1A8C-0000-4000-8000-cf13dfc49aa6',
    'naver-demo:%ED%95%9C',
    'nerm-demo:%7F',
    'a%',
    'a%2',
    'a%zz',
    '%FF',
    '%C0%80',
    '%ED%A0%80',
    'x'.repeat(257),
    '%F0%9F%98%80'.repeat(257),
  ])('that cannot be is 400, for a read and for a write: %s', async (id) => {
    const seen = gateway.upstream.length;
    expectProblem(await read(gateway.origin, id), 400, 'invalid_id');
    expectProblem(await patch(gateway.origin, id, { name: 'x' }), 400, 'invalid_id');
    expect(gateway.upstream.length).toBe(seen);
  });

  it('counts its characters, not its bytes', async () => {
    const longest = '%F0%9F%98%80'.repeat(256);
    expectProblem(await read(gateway.origin, longest), 404, 'route_not_found');
    expectProblem(await read(gateway.origin, 'x'.repeat(256)), 404, 'route_not_found');
  });

  it('may be written with escapes, and is the same then', async () => {
    const written = SENLIN.replace(':', '%3A').replace('7', '%37');
    const answer = await read(gateway.origin, written);
    expect(answer.json.profile).toEqual((await read(gateway.origin, SENLIN)).json.profile);
  });

  it('ends where a query begins', async () => {
    expect((await read(gateway.origin, `${SENLIN}?id=other`)).status).toBe(200);
  });
});

describe('methods', () => {
  const profile = 'GET, HEAD, PATCH, DELETE, OPTIONS';
  const reading = 'GET, HEAD, OPTIONS';
  const paths = [
    [`/profiles/${NERM}`, profile],
    ['/profiles/nowhere:1', profile],
    ['/capabilities', reading],
    ['/capabilities/nerm-demo', reading],
    ['/healthz', reading],
    ['/problems/not_found', reading],
  ] as const;

  it.each(paths)('of %s are told by OPTIONS and by 405', async (path, allow) => {
    const options = await call(gateway.origin, path, { method: 'OPTIONS' });
    expect({ status: options.status, text: options.text }).toEqual({ status: 204, text: '' });
    expect(options.headers.allow).toBe(allow);
    const others = [
      'POST',
      'PUT',
      'QUERY',
      'PROPFIND',
      ...(allow === profile ? [] : ['PATCH', 'DELETE']),
    ];
    for (const method of others) {
      const answer = await call(gateway.origin, path, { method });
      expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe(allow);
    }
    const acceptPatch = 'application/merge-patch+json, application/json';
    expect(options.headers['accept-patch']).toBe(allow === profile ? acceptPatch : undefined);
  });

  it.each([
    `/profiles/${NERM}`,
    '/capabilities',
    '/capabilities/nerm-demo',
    '/healthz',
    '/problems/not_found',
    '/problems/nothing',
    '/nope',
    '/profiles/nowhere:1',
  ])('HEAD %s has the headers of GET and no body', async (path) => {
    const get = await call(gateway.origin, path);
    const head = await call(gateway.origin, path, { method: 'HEAD' });
    expect({ status: head.status, text: head.text }).toEqual({ status: get.status, text: '' });
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
    expect(head.headers.etag).toBe(get.headers.etag);
  });

  it('HEAD takes If-None-Match', async () => {
    const { headers } = await read(gateway.origin, NERM);
    const options = { method: 'HEAD', headers: { 'if-none-match': String(headers.etag) } };
    expect((await call(gateway.origin, `/profiles/${NERM}`, options)).status).toBe(304);
  });
});

describe('X-Request-Id', () => {
  it.each(['a', 'abc-DEF_123=', 'x'.repeat(128)])('is taken when it is clean: %s', async (id) => {
    for (const path of ['/healthz', '/nope', `/profiles/${NERM}`]) {
      const answer = await call(gateway.origin, path, { headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toBe(id);
      if (answer.status >= 400) expect(answer.json.requestId).toBe(id);
    }
  });

  it.each(['', 'a b', 'a"b', '<script>', 'ä', 'x'.repeat(129), 'a;b', '{"a":1}', 'a, b'])(
    'is replaced when it is not: %s',
    async (id) => {
      const answer = await call(gateway.origin, '/nope', { headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.json.requestId).toBe(answer.headers['x-request-id']);
    },
  );

  it('is another one for each request', async () => {
    const ids = new Set<unknown>();
    for (let i = 0; i < 20; i += 1)
      ids.add((await call(gateway.origin, '/healthz')).headers['x-request-id']);
    expect(ids.size).toBe(20);
  });
});

describe('without callers', () => {
  it.each([
    'localhost',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]',
    '[::1]:1',
    'LOCALHOST:8787',
    'a.localhost',
  ])('the host %s may ask', async (host) => {
    const answer = await call(gateway.origin, `/profiles/${NAVER}`, { headers: { host } });
    expect(answer.status).toBe(200);
  });

  it.each([
    'example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    'notlocalhost',
    '10.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::2]:80',
    '128.0.0.1',
  ])('the host %s may not', async (host) => {
    const seen = gateway.upstream.length;
    for (const path of [`/profiles/${NAVER}`, '/capabilities', '/nope']) {
      expectProblem(await call(gateway.origin, path, { headers: { host } }), 403, 'forbidden');
    }
    const headers = { host, 'content-type': 'application/json' };
    const options = { method: 'PATCH', headers, body: '{"name":"rebound"}' };
    expectProblem(await call(gateway.origin, `/profiles/${NAVER}`, options), 403, 'forbidden');
    expect(gateway.upstream.length).toBe(seen);
  });

  it('a host in the request line counts, as HTTP says', async () => {
    const text = await sendRaw(
      gateway.origin,
      `GET http://example.com/profiles/${NAVER} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
  });
});
