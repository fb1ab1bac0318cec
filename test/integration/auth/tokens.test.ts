import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, expectProblem, patch, read } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import {
  AUDIENCE,
  ISSUER,
  type Issuer,
  startIssuer,
  type TokenParts,
} from '../../support/issuer.ts';
import { NERM } from '../../support/profiles.ts';

let issuer: Issuer;
let gateway: RunningGateway;
let aheadMs = 0;

beforeAll(async () => {
  issuer = await startIssuer();
  const jwt = { jwksUrl: issuer.jwksUrl, issuer: ISSUER, audience: AUDIENCE };
  const names = { 'gateway.read': 'profiles:read' };
  gateway = await startGateway({
    callers: {
      keyed: { key: 'key-of-a-caller-0001', scopes: ['profiles:read'] },
      billing: { jwt: { ...jwt, match: { sub: 'svc-billing' } }, scopes: ['profiles:read'] },
      watcher: { jwt: { ...jwt, match: { sub: 'svc-watcher' } }, scopes: ['admin:read'] },
      team: { jwt: { ...jwt, match: { sub: 'svc-*' } }, scopes: ['profiles:read', 'admin'] },
      entra: {
        jwt: { ...jwt, scopeClaim: 'roles', scopeNames: names, match: { azp: 'portal' } },
        scopes: ['profiles:read', 'profiles:write'],
      },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
});
afterEach(() => issuer.answerWith(undefined));

/** Moves the gateway's clock on, so that keys count as old. */
function wait(ms: number): void {
  gateway.advance(ms);
  aheadMs += ms;
}

/** A token by the gateway's clock. */
function token({ claims, ...rest }: TokenParts = {}): Promise<string> {
  const seconds = Math.floor((Date.now() + aheadMs) / 1000);
  return issuer.sign({ ...rest, claims: { iat: seconds, exp: seconds + 300, ...claims } });
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const readWith = (text: string) => read(gateway.origin, NERM, bearer(text));
const seconds = () => Math.floor((Date.now() + aheadMs) / 1000);

async function refused(text: string): Promise<void> {
  const seen = gateway.upstream.length;
  const answer = await readWith(text);
  expectProblem(answer, 401, 'unauthenticated');
  expect(answer.headers['www-authenticate']).toBe('Bearer');
  expect(gateway.upstream.length).toBe(seen);
  expect(JSON.stringify(gateway.logs)).not.toContain(text);
}

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a good token', () => {
  it('finds the first caller that it fits, which the log names', async () => {
    expect((await readWith(await token())).status).toBe(200);
    expect(gateway.logs.at(-1)).toMatchObject({ caller: 'billing' });
    expect((await readWith(await token({ claims: { sub: 'svc-other' } }))).status).toBe(200);
    expect(gateway.logs.at(-1)).toMatchObject({ caller: 'team' });
    await refused(await token({ claims: { sub: 'somebody' } }));
  });

  it('gives the scopes that both the token and the configuration name', async () => {
    const bearerToken = bearer(await token());
    expectProblem(await patch(gateway.origin, NERM, { name: 'x' }, bearerToken), 403, 'forbidden');
    for (const scope of ['', 'profiles:write', 'profiles:read-all', 7, { a: 1 }]) {
      expectProblem(await readWith(await token({ claims: { scope } })), 403, 'forbidden');
    }
    const listed = { scope: ['profiles:read', 5] };
    expect((await readWith(await token({ claims: listed }))).status).toBe(200);
  });

  it.each([
    ['svc-other', 'admin:read', 200, 403],
    ['svc-other', 'admin', 200, 200],
    ['svc-watcher', 'admin', 200, 403],
    ['svc-watcher', 'profiles:read', 403, 403],
  ])('of %s with the scope %s may look: %d, and change: %d', async (sub, scope, looks, changes) => {
    const headers = bearer(await token({ claims: { sub, scope } }));
    const { origin } = gateway;
    const undrain = '/admin/targets/nerm-demo/undrain';
    expect((await call(origin, '/admin/targets', { headers })).status).toBe(looks);
    expect((await call(origin, undrain, { method: 'POST', headers })).status).toBe(changes);
  });

  it("may use the issuer's own names of scopes in a claim of its own", async () => {
    const claims = { sub: 'user', azp: 'portal', scope: 'profiles:read' };
    const named = await token({ claims: { ...claims, roles: ['gateway.read'] } });
    expect((await readWith(named)).status).toBe(200);
    for (const roles of [['profiles:read'], ['gateway.write'], 'toString', undefined]) {
      const unnamed = { ...claims, roles };
      expectProblem(await readWith(await token({ claims: unnamed })), 403, 'forbidden');
    }
  });

  it('may name several audiences, and be off by the clock tolerance', async () => {
    const now = seconds();
    for (const claims of [{ aud: ['other', AUDIENCE] }, { exp: now - 20 }, { nbf: now + 20 }]) {
      expect((await readWith(await token({ claims }))).status).toBe(200);
    }
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/JWT'])(
    'may be of the type %s',
    async (typ) => {
      expect((await readWith(await token({ header: { typ } }))).status).toBe(200);
    },
  );

  it('leaves keys as they are', async () => {
    expect((await readWith('key-of-a-caller-0001')).status).toBe(200);
  });

  it.each(['ES256', 'EdDSA', 'PS256'])('may be signed by %s', async (algorithm) => {
    const other = await startIssuer(algorithm);
    const jwt = { jwksUrl: other.jwksUrl, issuer: ISSUER, audience: AUDIENCE };
    const own = await startGateway({ callers: { a: { jwt, scopes: ['profiles:read'] } } });
    try {
      expect((await read(own.origin, NERM, bearer(await other.sign()))).status).toBe(200);
    } finally {
      await own.stop();
      await other.stop();
    }
  });
});

describe('a token is refused, and nothing reaches a vendor:', () => {
  it.each<[string, () => Readonly<Record<string, unknown>>]>([
    ['another audience', () => ({ aud: 'another' })],
    ['a longer audience', () => ({ aud: `${AUDIENCE}x` })],
    ['no audience', () => ({ aud: undefined })],
    ['another issuer', () => ({ iss: 'https://evil.example.com' })],
    ['no issuer', () => ({ iss: undefined })],
    ['expired', () => ({ exp: seconds() - 31 })],
    ['without an end', () => ({ exp: undefined })],
    ['not valid yet', () => ({ nbf: seconds() + 40 })],
    ['no subject', () => ({ sub: undefined })],
    ['another subject', () => ({ sub: 'xsvc-billing' })],
  ])('%s', async (_, claims) => refused(await token({ claims: claims() })));

  it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'id+jwt', 'xJWT', 'JWT+x', '', 7, null])(
    'the type %s',
    async (typ) => refused(await token({ header: { typ } })),
  );

  it('alg none, in any spelling, with and without a signature', async () => {
    const [, payload = '', signature = ''] = (await token()).split('.');
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
      const header = base64url({ alg, kid: issuer.kid() });
      for (const end of ['', signature]) await refused(`${header}.${payload}.${end}`);
    }
  });

  it.each(['HS256', 'HS384', 'HS512'])('%s with the public key as its secret', async (alg) => {
    const payload = (await token()).split('.')[1] ?? '';
    const head = `${base64url({ alg, kid: issuer.kid() })}.${payload}`;
    for (const secret of [issuer.publicKeyText, issuer.publicKeyText.trim()]) {
      const mac = createHmac(`sha${alg.slice(2)}`, secret)
        .update(head)
        .digest('base64url');
      await refused(`${head}.${mac}`);
    }
  });

  it('signed by another key, also when it brings that key along', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const fetches = issuer.fetches();
    const jwk = await exportJWK(publicKey);
    const jku = `${issuer.jwksUrl}&evil=1`;
    for (const header of [{}, { jwk }, { jku }, { x5u: jku }]) {
      await refused(await token({ key: privateKey, header }));
    }
    expect(issuer.fetches()).toBe(fetches);
  });

  it('changed after it was signed', async () => {
    const [head = '', payload = '', signature = ''] = (await token()).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    await refused(`${head}.${base64url({ ...claims, sub: 'svc-admin' })}.${signature}`);
    await refused(`${head}.${payload}.`);
    await refused(`${head}.${payload}`);
    await refused(`${head}.${payload}.${signature}.x`);
  });

  it('a critical header that is not known', async () => {
    const head = base64url({ alg: 'RS256', kid: issuer.kid(), crit: ['x'], x: 1 });
    const [, payload = '', signature = ''] = (await token()).split('.');
    await refused(`${head}.${payload}.${signature}`);
  });
});

describe("the issuer's keys", () => {
  it('are fetched once for many tokens', async () => {
    await readWith(await token());
    const fetches = issuer.fetches();
    for (let i = 0; i < 5; i += 1) expect((await readWith(await token())).status).toBe(200);
    expect(issuer.fetches()).toBe(fetches);
  });

  it('are fetched again for a new key id, but made-up ids do not make the gateway fetch', async () => {
    wait(31_000);
    const before = await token();
    await issuer.rotate();
    const fetches = issuer.fetches();
    expect((await readWith(await token())).status).toBe(200);
    await refused(before);
    for (let i = 0; i < 10; i += 1) await refused(await token({ header: { kid: `made-up-${i}` } }));
    expect(issuer.fetches()).toBe(fetches + 1);
  });

  it.each([
    ['refuse', { status: 500, body: '' }],
    ['are no JSON', { status: 200, body: '<html>' }],
    ['have no keys', { status: 200, body: '{"keys":{}}' }],
    [
      'are too many',
      { status: 200, body: JSON.stringify({ keys: Array(101).fill({ kty: 'RSA' }) }) },
    ],
    ['are too large', { status: 200, body: `{"keys":[]${' '.repeat(300_000)}}` }],
    ['lead elsewhere', { status: 302, body: '' }],
  ])('serve on for an hour while newer ones %s, then nothing can be said', async (_, answer) => {
    wait(601_000);
    expect((await readWith(await token())).status).toBe(200);
    issuer.answerWith(answer);
    wait(601_000);
    expect((await readWith(await token())).status).toBe(200);
    wait(3_000_000);
    const unjudged = await readWith(await token());
    expectProblem(unjudged, 503, 'issuer_unavailable');
    expect(unjudged.headers['retry-after']).toBe('5');
    expect((await readWith('key-of-a-caller-0001')).status).toBe(200);
    const fetches = issuer.fetches();
    for (let i = 0; i < 5; i += 1) await readWith(await token());
    expect(issuer.fetches()).toBe(fetches);
    await refused(await token({ claims: { iss: 'https://evil.example.com' } }));
    issuer.answerWith(undefined);
    wait(5_001);
    expect((await readWith(await token())).status).toBe(200);
  });

  it('that cannot be reached leave tokens unjudged', async () => {
    const jwt = { jwksUrl: 'http://127.0.0.1:9/keys', issuer: ISSUER, audience: AUDIENCE };
    const own = await startGateway({ callers: { a: { jwt, scopes: ['profiles:read'] } } });
    try {
      const headers = bearer(await token());
      const answer = await call(own.origin, '/capabilities', { headers });
      expectProblem(answer, 503, 'issuer_unavailable');
      expect(own.upstream).toEqual([]);
    } finally {
      await own.stop();
    }
  });
});
