import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, expectProblem, patch, read, sendRaw } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { NERM } from '../../support/profiles.ts';

const SLOW = 'key-of-a-slow-one-01';
const FREE = 'key-of-a-free-one-01';
const SMALL = 'key-of-a-small-one-1';
const scopes = ['profiles:read', 'profiles:write'];

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    callers: {
      slow: { key: SLOW, scopes, limits: { requestsPerSecond: 0.1, burst: 3 } },
      free: { key: FREE, scopes },
      small: { key: SMALL, scopes, limits: { bodyBytesMax: 64 } },
      reader: {
        key: 'key-of-a-reader-0001',
        scopes: ['profiles:read'],
        limits: { requestsPerSecond: 2 },
      },
    },
  });
});
afterAll(() => gateway.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const limitsOf = ({ headers }: Answer) => [headers.ratelimit, headers['ratelimit-policy']];

describe('the rate of a caller', () => {
  it('is told on every answer, and the request that is one too many is 429', async () => {
    gateway.advance(60_000);
    const policy = '"caller";q=3;w=30';
    const answers = [
      await read(gateway.origin, NERM, bearer(SLOW)),
      await patch(gateway.origin, NERM, '{"id":"x"}', bearer(SLOW)),
      await read(gateway.origin, 'nowhere:1', bearer(SLOW)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 404]);
    expect(answers.map(limitsOf)).toEqual([
      ['"caller";r=2;t=10', policy],
      ['"caller";r=1;t=20', policy],
      ['"caller";r=0;t=30', policy],
    ]);
    const seen = gateway.upstream.length;
    const refused = await patch(gateway.origin, NERM, { name: 'x' }, bearer(SLOW));
    expectProblem(refused, 429, 'rate_limited');
    expect(limitsOf(refused)).toEqual(['"caller";r=0;t=30', policy]);
    expect(refused.headers['retry-after']).toBe('10');
    expect(refused.json.retryAfterSeconds).toBe(10);
    expect(gateway.upstream.length).toBe(seen);
    expect((await read(gateway.origin, NERM, bearer(FREE))).status).toBe(200);
    gateway.advance(10_000);
    expect((await read(gateway.origin, NERM, bearer(SLOW))).status).toBe(200);
    expectProblem(await read(gateway.origin, NERM, bearer(SLOW)), 429, 'rate_limited');
  });

  it('counts what its scopes forbid, so that nothing is free', async () => {
    gateway.advance(60_000);
    const reader = bearer('key-of-a-reader-0001');
    expectProblem(await patch(gateway.origin, NERM, {}, reader), 403, 'forbidden');
    const answer = await read(gateway.origin, NERM, reader);
    expect(answer.headers.ratelimit).toMatch(/^"caller";r=[01];t=1$/);
  });

  it('is nobody else’s: a wrong key has none, and a caller without one tells none', async () => {
    const wrong = await read(gateway.origin, NERM, bearer('key-of-nobody-00001'));
    expectProblem(wrong, 401, 'unauthenticated');
    expect(limitsOf(wrong)).toEqual([undefined, undefined]);
    expect(limitsOf(await read(gateway.origin, NERM, bearer(FREE)))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('the body of a caller', () => {
  it('is bounded by its own limit, announced or not', async () => {
    const name = 'x'.repeat(64 - '{"name":""}'.length);
    const fits = await patch(gateway.origin, NERM, { name }, bearer(SMALL));
    expect(fits.status).toBe(200);
    const seen = gateway.upstream.length;
    const over = JSON.stringify({ name: `${name}x` });
    expectProblem(await patch(gateway.origin, NERM, over, bearer(SMALL)), 413, 'body_too_large');
    const chunked = { ...bearer(SMALL), 'transfer-encoding': 'chunked' };
    expectProblem(await patch(gateway.origin, NERM, over, chunked), 413, 'body_too_large');
    expect(gateway.upstream.length).toBe(seen);
    expect((await patch(gateway.origin, NERM, over, bearer(FREE))).status).toBe(200);
  });

  it.each([
    ['a caller that is not known', bearer('key-of-nobody-00001'), 401],
    ['no caller', {}, 401],
    ['a caller beyond its rate', bearer(SLOW), 429],
  ])('is not waited for from %s', async (_, headers, status) => {
    for (let i = 0; i < 4; i += 1) await read(gateway.origin, NERM, bearer(SLOW));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = await sendRaw(
      gateway.origin,
      `PATCH /profiles/${NERM} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}` +
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"name":',
      300,
    );
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('is not even looked at: its form does not matter before it is known who sends it', async () => {
    const bad = { method: 'PATCH', headers: { 'content-type': 'text/plain' }, body: '\u0000' };
    const answer = await call(gateway.origin, `/profiles/${NERM}`, bad);
    expectProblem(answer, 401, 'unauthenticated');
  });
});
