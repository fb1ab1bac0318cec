import { beforeEach, describe, expect, test } from 'vitest';
import { signRequest } from '../../adapters/iam/sign.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import {
  DOMAIN,
  DOMAIN_ID,
  gateway,
  ID,
  iam,
  keystone,
  login,
  MINUTE_MS,
  ORIGIN,
  restart,
  type Sent,
  send,
  token,
  world,
} from './iam-client.ts';

beforeEach(() => restart());

describe('tokens', () => {
  test('a domain scope, by name and by id, gives a token for 24 hours', async () => {
    const { status, headers, body } = await login();
    expect(status).toBe(201);
    expect(headers.get('x-subject-token')).toMatch(/^MII.{5997}$/);
    expect(body.token).toMatchObject({
      domain: { id: DOMAIN_ID, name: 'OTC-SANDBOX' },
      expires_at: '2026-01-06T09:00:00.000000Z',
      methods: ['password'],
    });
    expect(body.token).not.toHaveProperty('catalog');
    expect((await login({ domain: { id: DOMAIN_ID } })).status).toBe(201);
    expect((await login({ domain: { id: 'other' } })).status).toBe(401);
  });

  test('without a scope it is the domain, and a project wins over a domain', async () => {
    expect((await login(null)).body.token).toHaveProperty('domain');
    const both = await login({ ...DOMAIN, project: { name: 'eu-de' } });
    expect(both.body.token).toMatchObject({ project: { name: 'eu-de' } });
    expect(both.body.token).not.toHaveProperty('domain');
    expect((await login({ project: { name: 'eu-de_none' } })).status).toBe(401);
  });

  test('the catalog comes unless it is refused', async () => {
    const { body } = await login(DOMAIN, 'sandbox-password', '');
    expect(body.token.catalog[0].endpoints[0].url).toBe(`${ORIGIN}/iam/v3`);
  });

  test('the length is adjustable up to 32 KB, and such a token still passes', async () => {
    restart(100_000);
    const headers = await token();
    expect(headers['x-auth-token']).toHaveLength(32 * 1024);
    expect((await send(`/v3/projects/${ID}`, { headers })).status).toBe(200);
    const longer = { 'x-auth-token': `${headers['x-auth-token']}x` };
    expect((await send(`/v3/projects/${ID}`, { headers: longer })).status).toBe(494);
  });

  test('an expired, unknown or undecodable token, and none, are 401', async () => {
    const headers = await token();
    const first = await send(`/v3/projects/${ID}`);
    expect([first.status, first.body]).toEqual([401, keystone(401)]);
    const extension = await send(`/v3-ext/projects/${ID}`);
    expect([extension.status, extension.body]).toEqual([401, iam('IAM.0001')]);
    const garbage = await send(`/v3/projects/${ID}`, { headers: { 'x-auth-token': 'abc' } });
    expect([garbage.status, garbage.body]).toEqual([401, gateway('APIGW.0301')]);
    const unknown = await send(`/v3/projects/${ID}`, { headers: { 'x-auth-token': 'MIIabc' } });
    expect([unknown.status, unknown.body]).toEqual([401, gateway('APIGW.0307')]);
    const altered = { 'x-auth-token': `MIIx${headers['x-auth-token'].slice(4)}` };
    expect((await send(`/v3/projects/${ID}`, { headers: altered })).status).toBe(401);
    world.nowMs += 24 * 60 * MINUTE_MS - 1;
    expect((await send(`/v3/projects/${ID}`, { headers })).status).toBe(200);
    world.nowMs += 1;
    const expired = await send(`/v3/projects/${ID}`, { headers });
    expect([expired.status, expired.body]).toEqual([401, gateway('APIGW.0307')]);
  });

  test('five wrong passwords lock the user for 15 minutes, even for the right one', async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      const wrong = await login(DOMAIN, 'wrong-password');
      expect([wrong.status, wrong.body]).toEqual([401, keystone(401)]);
    }
    const locked = await login();
    expect([locked.status, locked.body]).toEqual([401, iam('IAM.0061')]);
    world.nowMs += 15 * MINUTE_MS;
    expect((await login()).status).toBe(201);
  });

  test('a successful PATCH ends the token that made it, a refused one does not', async () => {
    const headers = await token();
    const other = await token();
    const send1 = (project: unknown) =>
      send(`/v3/projects/${ID}`, { method: 'PATCH', headers, body: { project } });
    expect((await send1({})).status).toBe(400);
    expect((await send1({ description: 'x' })).status).toBe(200);
    const again = await send1({ description: 'x' });
    expect([again.status, again.body]).toEqual([401, gateway('APIGW.0307')]);
    expect((await send(`/v3/projects/${ID}`, { headers: other })).status).toBe(200);
  });
});

describe('access keys', () => {
  const account = {
    accessKey: 'SANDBOXACCESSKEY0001',
    secretKey: 'sandbox-secret-key-0001',
    domainId: DOMAIN_ID,
  };
  const body = '{"project":{"description":"signé"}}';
  const request = {
    method: 'PATCH' as const,
    origin: ORIGIN,
    path: `/iam/v3/projects/${ID}`,
    headers: { 'content-type': 'application/json' },
    body,
  };

  async function signed(change: Partial<typeof account> = {}, sent: Sent = {}, atMs = world.nowMs) {
    const context = { nowMs: atMs, digests: nodeDigests };
    const headers = await signRequest(request, { ...account, ...change }, context);
    return send(`/v3/projects/${ID}`, {
      method: 'PATCH',
      body,
      ...sent,
      headers: { ...headers, ...sent.headers },
    });
  }

  test('a signed request over the whole path is taken, again and again', async () => {
    expect((await signed()).status).toBe(200);
    expect((await signed()).status).toBe(200);
    expect(world.sandbox.stored(ID)).toMatchObject({ description: 'signé' });
  });

  test.each([
    ['the body', { body: `${body} ` }],
    ['the content type', { headers: { 'content-type': 'application/json;charset=utf8' } }],
    ['the account', { headers: { 'x-domain-id': 'other' } }],
    ['the host', { headers: { host: 'other' } }],
    ['the form', { headers: { authorization: 'SDK-HMAC-SHA256 nonsense' } }],
  ])('another value of %s is not what was signed', async (_what, sent) => {
    const { status, body: answer } = await signed({}, sent);
    expect([status, answer]).toEqual([401, gateway('APIGW.0301')]);
    expect(world.sandbox.journal()).toEqual([]);
  });

  test('a path signed without the base path, or names out of order, do not pass', async () => {
    const context = { nowMs: world.nowMs, digests: nodeDigests };
    const other = await signRequest({ ...request, path: `/v3/projects/${ID}` }, account, context);
    expect((await signed({}, { headers: other })).status).toBe(401);
    const own = await signRequest(request, account, context);
    const authorization =
      own.authorization?.replace('content-type;host', 'host;content-type') ?? '';
    expect((await signed({}, { headers: { authorization } })).status).toBe(401);
    expect((await signed()).status).toBe(200);
  });

  test('an unknown key is APIGW.0301, another account has no right', async () => {
    expect((await signed({ accessKey: 'OTHER' })).body).toEqual(gateway('APIGW.0301'));
    expect((await signed({ domainId: 'other' })).status).toBe(403);
  });

  test('15 minutes of skew are taken, a second more is APIGW.0303', async () => {
    expect((await signed({}, {}, world.nowMs - 15 * MINUTE_MS)).status).toBe(200);
    expect((await signed({}, {}, world.nowMs + 15 * MINUTE_MS)).status).toBe(200);
    for (const skewMs of [15 * MINUTE_MS + 1000, -15 * MINUTE_MS - 1000]) {
      const { status, body: answer } = await signed({}, {}, world.nowMs + skewMs);
      expect([status, answer]).toEqual([401, gateway('APIGW.0303')]);
    }
  });

  test('five wrong signatures in a row lock the key for 5 minutes', async () => {
    const wrong = async (times: number) => {
      for (let index = 0; index < times; index += 1) {
        expect((await signed({ secretKey: 'wrong-secret' })).status).toBe(401);
      }
    };
    await wrong(4);
    expect((await signed()).status).toBe(200);
    await wrong(4);
    expect((await signed()).status).toBe(200);
    await wrong(5);
    expect((await signed()).body).toEqual(gateway('APIGW.0301'));
    world.nowMs += 5 * MINUTE_MS - 1000;
    expect((await signed()).status).toBe(401);
    world.nowMs += 1000;
    expect((await signed()).status).toBe(200);
  });
});
