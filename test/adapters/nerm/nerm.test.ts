import { describe, expect, test } from 'vitest';
import adapter from '../../../adapters/nerm/index.ts';
import { SANDBOX_CLIENT } from '../../../adapters/nerm/sandbox/access.ts';
import { createSandbox } from '../../../adapters/nerm/sandbox/index.ts';
import { SEEDED_IDS, SEEDED_USER_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import type {
  HttpRequest,
  HttpResponse,
  JsonObject,
  Result,
  WriteStep,
} from '../../../src/adapter-kit/index.ts';
import { confirm, isAlreadyApplied } from '../../../src/writes/compare.ts';
import { answer, drive, KEY, open, planned } from './exchange.ts';

const ID = '5b0f5c8e-1111-4c1e-9a55-0d6f0c0ffee1';

function write(patch: unknown, response: HttpResponse, connection = open()) {
  return drive(connection.write(ID, planned(connection, patch).changes, undefined), [response]);
}

describe('answers', () => {
  const profile = { id: ID, name: 'Dana Example', status: 'Active', attributes: {} };

  test('name the refused fields of the patch, and all of them in the message', () => {
    const errors = { status: ['is wrong', 'is odd'], end_date: "can't be blank", employer: 'no' };
    const body = { error: 'The Profile failed to create/update', errors };
    const { result } = write(
      { status: 'active', attributes: { end_date: 'x' } },
      answer(400, body),
    );
    expect(result.ok ? undefined : result.fault).toMatchObject({
      code: 'rejected_by_target',
      effect: 'none',
      errors: [{ pointer: '/status' }, { pointer: '/attributes/end_date' }],
      upstream: {
        message:
          "The Profile failed to create/update; status is wrong, is odd; end_date can't be blank; employer no",
      },
    });
  });

  test.each([
    ['another profile', { profile: { ...profile, id: SEEDED_IDS.plain } }],
    ['no id', { profile: { name: 'Dana Example' } }],
    ['markup', '<html>Sign in</html>'],
    ['broken JSON', '{"profile":{"id":"5b0f'],
    ['an unknown error', { error: 'Out of order', profile }],
  ])('with %s in a 200 are not understood, and may have written', (_, body) => {
    const { result } = write({ status: 'active' }, answer(200, body));
    expect(result).toMatchObject({
      fault: { code: 'target_invalid_response', effect: 'possible' },
    });
    expect(JSON.stringify(result)).not.toContain('5b0f');
  });

  test.each([
    ['no profile', {}, undefined],
    ['nothing', '', undefined],
    ['a profile without attributes', { profile: { id: ID, status: 'Active' } }, undefined],
    ['"No Change"', '"No Change"', true],
    ['no change as an error', { error: 'No Change' }, true],
    ['a text about changes', { message: 'no change is allowed' }, undefined],
  ])('with %s in a 200 ask for a read', (_, body, noop) => {
    const { result } = write({ status: 'active' }, answer(200, body));
    expect(result).toEqual({ ok: true, value: { profile: undefined, ...(noop && { noop }) } });
  });

  test('after archiving are never followed by a read', () => {
    const patch = { extensions: { nerm: { archived: true } } };
    for (const body of ['', { message: 'No Change' }, { profile: { id: ID } }]) {
      const { result } = write(patch, answer(200, body));
      expect(result).toMatchObject({ value: { profile: { upstreamId: ID } } });
      expect(result?.ok === true && result.value.profile?.content).toEqual({});
    }
    const kept = write({ extensions: { nerm: { archived: false } } }, answer(200, ''));
    expect(kept.result).toMatchObject({ value: { profile: undefined } });
  });

  test.each([
    [400, { error: 'Employer profile not found' }, 'rejected_by_target', 'none'],
    [400, 'Profile Not Found.', 'profile_not_found', 'none'],
    [400, { error: 'Invalid JSON syntax. Please check' }, 'target_misconfigured', 'none'],
    [422, { message: 'no' }, 'rejected_by_target', 'none'],
    [302, '', 'target_misconfigured', 'possible'],
    [504, '<html>', 'target_timeout', 'possible'],
  ] as const)('%i %j is %s', (status, body, code, effect) => {
    expect(open().classifyFailure(answer(status, body))).toMatchObject({ code, effect });
  });
});

test('ids are UUIDs in one spelling', () => {
  const { validateId } = open();
  expect(validateId(ID)).toBeUndefined();
  for (const id of [ID.toUpperCase(), ID.replaceAll('-', ''), `${ID} `, '../..', 'dana']) {
    expect(validateId(id)).toBe('a full UUID in lower case');
  }
});

test('a UUID or a list of them may read back as names, any other attribute must read back', () => {
  const { changes } = planned(open(), {
    attributes: { one: ID, list: `${ID},${ID.toUpperCase()}`, text: `see ${ID}`, gone: null },
    extensions: { nerm: { profile_type_id: ID.toUpperCase() } },
  });
  const shown = {
    attributes: { one: 'Dana', list: 'Dana,Sam', text: 'Dana' },
    extensions: { nerm: { profile_type_id: ID } },
  };
  expect(changes.map((change) => confirm(change, shown))).toEqual([
    'unconfirmed',
    'unconfirmed',
    'contradicted',
    'confirmed',
    'unconfirmed',
  ]);
});

test('a patch sends each attribute once, whatever its name and however many there are', () => {
  const keys = ['__proto__', 'constructor', ...Array.from({ length: 20_000 }, (_, i) => `k${i}`)];
  const attributes = Object.fromEntries(keys.map((key) => [key, `of ${key}`]));
  const { requests } = write({ attributes }, answer(200, ''));
  expect(requests[0]?.body).toBe(JSON.stringify({ profile: { attributes } }));
});

describe('credentials', () => {
  test('are sent in the scheme that the tenant takes', () => {
    const headers = (scheme?: string) => open({ ...KEY, ...(scheme && { scheme }) }).authorization;
    const bearer = { kind: 'headers', headers: { authorization: 'Bearer sandbox-nerm-token' } };
    expect(headers()).toEqual(bearer);
    expect(headers('Bearer')).toEqual(bearer);
    expect(headers('Token')).toMatchObject({
      headers: { authorization: 'Token token=sandbox-nerm-token' },
    });
  });

  test('that cannot stand in a header are refused without being shown', () => {
    const opened = adapter.open({ baseUrl: 'https://a.test', auth: { ...KEY, token: 'a\nb' } });
    expect(opened).toEqual({
      ok: false,
      issues: [{ path: 'auth.token', message: 'must be visible ASCII without blanks' }],
    });
  });

  test.each([
    [400, { error: 'invalid_client', error_description: 'no' }, 'target_unauthorized'],
    [401, '', 'target_unauthorized'],
    [400, { error: 'unsupported_grant_type' }, 'target_misconfigured'],
    [404, '<html>', 'target_misconfigured'],
    [429, '', 'target_rate_limited'],
    [503, '', 'target_unavailable'],
    [200, { token_type: 'bearer' }, 'target_invalid_response'],
    [200, { access_token: 'a b' }, 'target_invalid_response'],
  ])('%i %j to a token request is %s and wrote nothing', (status, body, code) => {
    const { authorization } = open(client('https://id.test/oauth/token'));
    if (authorization.kind !== 'token') throw new Error(authorization.kind);
    const { result } = drive(authorization.acquire(), [answer(status, body)]);
    expect(result).toMatchObject({ ok: false, fault: { code, effect: 'none' } });
  });
});

const client = (tokenUrl: string): JsonObject => ({
  method: 'clientCredentials',
  tokenUrl,
  clientId: SANDBOX_CLIENT.id,
  clientSecret: SANDBOX_CLIENT.secret,
});

describe('against the sandbox', () => {
  const sandbox = createSandbox({
    basePath: '/nerm',
    now: () => Date.parse('2026-05-01T12:00:00Z'),
    peer: () => sandbox,
  });
  const connection = open(client('https://sandbox.test/nerm/oauth/token'));

  async function run<T>(
    exchange: Generator<HttpRequest | WriteStep, Result<T>, HttpResponse>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    let step = exchange.next();
    while (!step.done) {
      const request = 'request' in step.value ? step.value.request : step.value;
      const { method, origin, path, body } = request;
      const init = { method, headers: { ...request.headers, ...headers }, body: body ?? null };
      const response = await sandbox.fetch(new Request(origin + path, init));
      step = exchange.next({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      });
    }
    if (!step.value.ok) throw new Error(JSON.stringify(step.value.fault));
    return step.value.value;
  }

  test('a token is got, and each field of a patch is stored and shown', async () => {
    const { authorization } = connection;
    if (authorization.kind !== 'token') throw new Error(authorization.kind);
    const token = await run(authorization.acquire());
    expect(token.expiresInSeconds).toBe(749);
    const id = SEEDED_IDS.plain;
    const before = await run(connection.read(id), token.headers);
    expect(before.content.createdAt).toBe('2026-01-05T13:00:00.000Z');
    const { changes } = planned(connection, {
      name: 'Dana Sample',
      status: 'on_leave',
      attributes: { cost_centre: '4711', nickname: null, sponsor: SEEDED_USER_IDS.sam },
      extensions: { nerm: { id_proofing_status: 'pass' } },
    });
    const verdicts = (content: JsonObject) =>
      changes.filter((change) => confirm(change, content) !== 'confirmed').map((c) => c.pointer);
    const written = await run(connection.write(id, changes, undefined), token.headers);
    const after = await run(connection.read(id), token.headers);
    expect(written.profile).toEqual(after);
    expect(verdicts(after.content)).toEqual(['/attributes/sponsor']);
    expect(sandbox.stored(id)).toMatchObject({
      name: 'Dana Sample',
      status: 'On Leave',
      id_proofing_status: 'pass',
      attributes: { cost_centre: '4711', end_date: '12/31/2026', sponsor: SEEDED_USER_IDS.sam },
    });
    expect(JSON.stringify(sandbox.stored(id))).not.toContain('nickname');
    const again = await run(connection.write(id, changes, undefined), token.headers);
    expect(again).toEqual({ profile: undefined, noop: true });
    const shownOnly = changes.filter((change) => change.key !== 'sponsor');
    expect(isAlreadyApplied(shownOnly, after.content)).toBe(true);
  });
});
