import { beforeEach, describe, expect, test } from 'vitest';
import { SEEDED_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import { BEARER, ORIGIN, requestsTo, START_MS, startSandbox } from './nerm-requests.ts';

const ABSENT_ID = '00000000-0000-4000-8000-000000000000';

let started = startSandbox();
beforeEach(() => {
  started = startSandbox();
});
const { call, read, patch } = requestsTo(() => started.sandbox);

describe('credentials', () => {
  const path = `/api/profiles/${SEEDED_IDS.plain}`;
  const statusWith = async (authorization?: string) =>
    (await call('GET', path, authorization ? { headers: { Authorization: authorization } } : {}))
      .status;

  test.each([
    [BEARER, 200],
    ['Token token=sandbox-nerm-token', 200],
    ['Token token="sandbox-nerm-token"', 401],
    ['Token sandbox-nerm-token', 401],
    ['bearer sandbox-nerm-token', 401],
    ['Bearer other', 401],
    ['sandbox-nerm-token', 401],
    [undefined, 401],
  ])('%s: %i', async (authorization, status) => {
    expect(await statusWith(authorization)).toBe(status);
  });

  test('401 is not JSON, and a refused PATCH writes nothing', async () => {
    const body = JSON.stringify({ profile: { name: 'A' } });
    const response = await call('PATCH', path, { body });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(started.sandbox.journal()).toEqual([]);
  });

  const grant = (form: Record<string, string>) =>
    call('POST', '/oauth/token', { body: new URLSearchParams(form) });
  const client = { client_id: 'sandbox-client', client_secret: 'sandbox-client-secret' };

  test('an issued token works as Bearer until it expires', async () => {
    const response = await grant({ grant_type: 'client_credentials', ...client });
    const body = JSON.parse(await response.text());
    expect([response.status, body.expires_in]).toEqual([200, 749]);
    const authorization = `Bearer ${body.access_token}`;
    expect(await statusWith(`Token token=${body.access_token}`)).toBe(401);
    started.nowMs = START_MS + 748_999;
    expect(await statusWith(authorization)).toBe(200);
    started.nowMs = START_MS + 749_000;
    expect(await statusWith(authorization)).toBe(401);
  });

  test.each([
    [{ ...client }, 400, 'invalid_request'],
    [{ grant_type: 'password', ...client }, 400, 'unsupported_grant_type'],
    [{ grant_type: 'client_credentials' }, 401, 'invalid_client'],
    [{ grant_type: 'client_credentials', ...client, client_secret: 'no' }, 401, 'invalid_client'],
  ])('grant %j is refused', async (form, status, error) => {
    const response = await grant(form);
    expect([response.status, await response.json()]).toEqual([status, { error }]);
  });

  test('a grant as JSON is refused', async () => {
    const body = JSON.stringify({ grant_type: 'client_credentials', ...client });
    const headers = { 'Content-Type': 'application/json' };
    expect((await call('POST', '/oauth/token', { headers, body })).status).toBe(400);
  });
});

test.each([
  ['POST', '/api/profiles', 404],
  ['GET', `/api/v1/profiles/${SEEDED_IDS.plain}`, 404],
  ['GET', `/api/profile/${SEEDED_IDS.plain}`, 404],
  ['GET', `/api/profiles/${SEEDED_IDS.plain}/avatar`, 404],
  ['PUT', `/api/profiles/${SEEDED_IDS.plain}`, 405],
  ['GET', '/oauth/token', 405],
])('%s %s is not served: %i', async (method, path, status) => {
  const response = await call(method, path, { headers: { Authorization: BEARER } });
  expect(response.status).toBe(status);
  expect(response.headers.has('allow')).toBe(status === 405);
});

describe('the handles for tests', () => {
  test('journal: one entry per effective change, by whom, before and after', async () => {
    await patch({ status: 'Inactive' });
    await patch({ status: 'Inactive' });
    started.nowMs += 1000;
    started.sandbox.outsideWrite(SEEDED_IDS.plain, { attributes: { nickname: 'D' } });
    const journal = started.sandbox.journal();
    expect(journal.map(({ sequence, atMs, by }) => [sequence, atMs, by])).toEqual([
      [1, START_MS, 'request'],
      [2, START_MS + 1000, 'outside'],
    ]);
    expect(journal[0]?.before.status).toBe('Active');
    expect(journal[0]?.after.status).toBe('Inactive');
    expect(journal[1]?.before).toEqual(journal[0]?.after);
    expect(journal[1]?.after).toEqual(started.sandbox.stored(SEEDED_IDS.plain));
    expect((await read(SEEDED_IDS.plain)).body.profile).toMatchObject({
      attributes: { nickname: 'D' },
      updated_at: '2026-05-01T07:00:01.250-05:00',
    });
  });

  test('seed lays a resource over the plain profile; unknown keys are shown', async () => {
    started.sandbox.seed(ABSENT_ID, { name: 'Seeded', risk_level: 'low' });
    const { body } = await read(ABSENT_ID);
    expect(body.profile).toMatchObject({ id: ABSENT_ID, name: 'Seeded', risk_level: 'low' });
    expect(body.profile.attributes).toMatchObject({ cost_centre: '4700' });
    expect(started.sandbox.journal()).toEqual([]);
  });

  test('what is handed out is a copy', () => {
    const copy = started.sandbox.stored(SEEDED_IDS.plain) as { name: string };
    copy.name = 'Changed';
    expect(started.sandbox.stored(SEEDED_IDS.plain)?.name).toBe('Dana Example');
    expect(started.sandbox.stored(ABSENT_ID)).toBeUndefined();
  });

  test('a wrong outside write throws', () => {
    expect(() => started.sandbox.outsideWrite(ABSENT_ID, {})).toThrow(ABSENT_ID);
    expect(() =>
      started.sandbox.outsideWrite(SEEDED_IDS.plain, { attributes: { a: 1 } }),
    ).toThrow();
  });

  test('the demo names a profile that is there and a configuration that reaches it', async () => {
    const id = started.sandbox.demo?.id ?? '';
    expect((await read(id)).status).toBe(200);
    expect(started.sandbox.demo?.configuration(ORIGIN)).toEqual({
      vendor: 'nerm',
      baseUrl: `${ORIGIN}/nerm/api`,
      auth: { method: 'token', token: 'sandbox-nerm-token', scheme: 'Bearer' },
    });
  });
});
