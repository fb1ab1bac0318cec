import { beforeEach, describe, expect, it } from 'vitest';
import { DOMAIN, FOREIGN, ID, ORIGIN, read, startSenlin, UNKNOWN } from './senlin-client.ts';

let my: Awaited<ReturnType<typeof startSenlin>>;

beforeEach(async () => {
  my = await startSenlin();
});

describe('identities', () => {
  const found: [string, string, string | undefined][] = [
    ['the id', ID, ID],
    ['a name', 'test_prof1', ID],
    ['the beginning of the id', '7fa885', ID],
    ['one character', '7', ID],
    ['a percent sign', '%25', ID],
    ['underscores', '7f______', ID],
    ['capitals of a part', '7FA885', ID],
    ['the id in capitals', ID.toUpperCase(), undefined],
    ['an unknown id', UNKNOWN, undefined],
    ['an id of another project', FOREIGN, undefined],
    ['a slash', 'a%2Fb', undefined],
    ['a trailing slash', `${ID}/`, undefined],
  ];
  it.each(found)('%s', async (_name, path, id) => {
    const response = await my.call('GET', `/v1/profiles/${path}`);
    expect(response.status).toBe(id === undefined ? 404 : 200);
    if (id !== undefined) expect((await read(response)).profile.id).toBe(id);
  });

  it('refuses a name or a part that two profiles have', async () => {
    my.senlin.seed('7f000000-0000-4000-8000-000000000000', { name: 'test_prof1' });
    for (const path of ['test_prof1', '7f']) {
      const response = await my.call('GET', `/v1/profiles/${path}`);
      expect(response.status).toBe(400);
      expect((await read(response)).error.type).toBe('MultipleChoices');
    }
  });

  it('lets administrators read and write over projects', async () => {
    my.session.token = await my.admin({ project: { name: 'admin', domain: DOMAIN } });
    expect((await my.patch('{"profile":{"name":"theirs"}}')).status).toBe(200);
  });

  it('checks the body before it looks for the profile', async () => {
    expect((await my.patch('{"profile":{"bad":1}}', {}, UNKNOWN)).status).toBe(400);
    expect((await my.patch('{"profile":{"name":"x"}}', {}, UNKNOWN)).status).toBe(404);
  });
});

describe('access', () => {
  it('answers 401 before any path is looked at', async () => {
    for (const path of ['/v1/nope', `/v1/profiles/${ID}`, '/v1/']) {
      const response = await my.call('GET', path, undefined, { 'x-auth-token': 'nope' });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(`Keystone uri="${ORIGIN}/keystone"`);
      expect(Object.keys((await read(response)).error)).toEqual(['code', 'title', 'message']);
    }
  });

  it.each([['unscoped'], [{ domain: DOMAIN }]])('refuses a token of scope %o', async (scope) => {
    my.session.token = await my.admin(scope);
    const response = await my.call('GET', `/v1/profiles/${ID}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Field `project&#x27; cannot be None');
    const asJson = await my.call('GET', `/v1/profiles/${ID}`, undefined, {
      accept: 'application/json',
    });
    expect((await read(asJson)).code).toBe('400 Bad Request');
  });

  it('needs a trust that only a password token can make', async () => {
    const password = my.session.token;
    const given = { id: 'sandbox-application-credential', secret: 'sandbox-secret' };
    my.session.token = await my.issue({
      methods: ['application_credential'],
      application_credential: given,
    });
    const first = await my.call('GET', `/v1/profiles/${ID}`);
    expect(first.status).toBe(500);
    expect((await read(first)).error.type).toBe('InternalError');
    expect(
      (await my.call('GET', `/v1/profiles/${ID}`, undefined, { 'x-auth-token': password })).status,
    ).toBe(200);
    expect((await my.call('GET', `/v1/profiles/${ID}`)).status).toBe(200);
  });

  it('believes a token it has seen for 300 s, revoked or not, but never past its end', async () => {
    const get = async () => (await my.call('GET', `/v1/profiles/${ID}`)).status;
    expect(await get()).toBe(200);
    const headers = { 'x-auth-token': my.session.token, 'x-subject-token': my.session.token };
    const url = `${ORIGIN}/keystone/v3/auth/tokens`;
    await my.keystone.fetch(new Request(url, { method: 'DELETE', headers }));
    expect(await get()).toBe(200);
    my.clock.nowMs += 300_000;
    expect(await get()).toBe(401);
  });
});

describe('microversions', () => {
  const versions: [string, number, string | null][] = [
    ['clustering 1.14', 200, 'clustering 1.14'],
    ['clustering latest', 200, 'clustering 1.14'],
    ['compute 2.1', 200, 'clustering 1.0'],
    ['clustering 1.15', 406, null],
    ['clustering 2.0', 406, null],
    ['clustering 0.9', 400, null],
    ['clustering abc', 400, null],
  ];
  it.each(versions)('%s', async (version, status, told) => {
    const headers = { 'openstack-api-version': version };
    const response = await my.call('GET', `/v1/profiles/${ID}`, undefined, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('openstack-api-version')).toBe(told);
  });
});

it('lists, creates, validates and deletes', async () => {
  const spec = { type: 'os.heat.stack', version: '1.0', properties: { template: {} } };
  const created = await my.call(
    'POST',
    '/v1/profiles',
    JSON.stringify({ profile: { name: 'new', spec } }),
  );
  expect(created.status).toBe(201);
  const { profile } = await read(created);
  expect(profile).toMatchObject({ updated_at: null, type: 'os.heat.stack-1.0' });
  expect(profile.metadata).toEqual({});
  const listed = await read(await my.call('GET', '/v1/profiles'));
  expect(listed.profiles.map(({ id }) => id)).toEqual([ID, profile.id]);
  expect((await my.call('GET', '/v1/profiles?foo=1')).status).toBe(400);
  expect(
    (await my.call('POST', '/v1/profiles/validate', JSON.stringify({ profile: { spec } }))).status,
  ).toBe(400);
  expect((await my.call('DELETE', `/v1/profiles/${profile.id}`)).status).toBe(204);
  expect((await my.call('DELETE', `/v1/profiles/${profile.id}`)).status).toBe(404);
});

it('shows its versions without a token and knows neither PUT nor HEAD', async () => {
  const anonymous = { 'x-auth-token': '' };
  expect((await my.call('GET', '/', undefined, anonymous)).status).toBe(300);
  expect((await my.call('GET', '/v1', undefined, anonymous)).status).toBe(200);
  expect((await my.call('PUT', `/v1/profiles/${ID}`, '{}')).status).toBe(404);
  expect((await my.call('HEAD', `/v1/profiles/${ID}`)).status).toBe(404);
});
