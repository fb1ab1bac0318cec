import { describe, expect, test } from 'vitest';
import { isObject } from '../../../src/adapter-kit/index.ts';
import { IAM, KEYSTONE, NAVER, NERM, SENLIN } from '../../support/profiles.ts';
import { explain, isTokenRequest, start, targetOf, write } from './explaining.ts';
import { CASES } from './patches.ts';

test('an explanation shows the profile as it is and as the write leaves it', async () => {
  const started = await start();
  const one = { id: NERM, patch: { status: 'inactive', attributes: { nickname: null } } };
  const { explanation } = await explain(started, one, '?read=true');
  const before = await started.writing.ask('GET', `/profiles/${NERM}`);
  expect(explanation.before).toEqual(before.body.profile);
  expect(explanation.etag).toBe(before.headers.get('etag'));
  await write(started, one);
  const after = await started.writing.ask('GET', `/profiles/${NERM}`);
  const profile = isObject(after.body.profile) ? after.body.profile : {};
  expect({ ...explanation.after, updatedAt: null }).toEqual({ ...profile, updatedAt: null });
});

test('an explanation is refused as the patch would be, and sends nothing', async () => {
  const started = await start();
  const patch = { name: 'x', attributes: { a: 1 }, status: 'active' };
  const { explanation } = await explain(started, { id: NAVER, patch });
  expect(explanation).toMatchObject({
    prediction: 'rejected',
    requests: [],
    problem: {
      code: 'unsupported_patch',
      errors: [
        { pointer: '/name', code: 'constraint_violated' },
        { pointer: '/attributes/a', code: 'unsupported_field', supportedBy: ['senlin-demo'] },
      ],
    },
  });
  const refused = await started.writing.ask('PATCH', `/profiles/${NAVER}`, { body: patch });
  expect(refused.status).toBe(422);
  expect(refused.body.errors).toEqual(explanation.problem?.errors);
  expect([...started.explaining.sent, ...started.writing.sent]).toEqual([]);
});

test('what only a read shows to be wrong is refused with a read, dropped when lenient', async () => {
  const started = await start();
  const one = { id: IAM, patch: { name: 'other-region_x', description: 'kept' } };
  expect((await explain(started, one)).explanation.prediction).toBe('write');
  const { explanation } = await explain(started, one, '?read=true');
  expect(explanation).toMatchObject({
    prediction: 'rejected',
    problem: { code: 'unsupported_patch', errors: [{ pointer: '/name' }] },
  });
  const lenient = await explain(started, { ...one, lenient: true }, '?read=true');
  expect(lenient.explanation).toMatchObject({
    prediction: 'write',
    losses: [{ pointer: '/name', kind: 'dropped' }],
  });
  const writes = lenient.explanation.requests.filter(({ step }) => step === 'profile');
  expect(writes.map(({ pointers }) => pointers)).toEqual([['/description']]);
});

test.each([
  [SENLIN, { attributes: { owner: 'blue' } }, ['/attributes/owner']],
  [NAVER, { description: 'x' }, ['/description']],
])('a write whose body takes a read is told without one: %s', async (id, patch, pointers) => {
  const { explanation } = await explain(await start(), { id, patch });
  const last = explanation.requests.at(-1);
  expect(last).toMatchObject({ method: 'PATCH', dependsOnRead: true, pointers });
  expect(last).not.toHaveProperty('body');
});

test('a read that fails is told as the problem it is', async () => {
  const started = await start();
  const id = NERM.replace(/.$/, '0');
  const path = `/profiles/${id}/explain?read=true`;
  const answer = await started.explaining.ask('POST', path, { body: { name: 'x' } });
  expect(answer).toMatchObject({ status: 404, body: { code: 'profile_not_found' } });
});

test('only reads and tokens are sent for an explanation', async () => {
  const started = await start();
  for (const one of Object.values(CASES).flat()) await explain(started, one, '?read=true');
  const writes = started.explaining.sent.filter(
    (request) => request.method !== 'GET' && !isTokenRequest(request),
  );
  expect(writes).toEqual([]);
  expect(started.explaining.sent.length).toBeGreaterThan(20);
  expect(started.changes()).toEqual([]);
});

describe('secrets', () => {
  test.each([SENLIN, NERM, IAM, NAVER, KEYSTONE])('are names in what is told of %s', async (id) => {
    const started = await start();
    const target = targetOf(started, id);
    const { text } = await explain(started, { id, patch: { name: 'eu-de_secret' } }, '?read=true');
    const { authorization, secrets } = target.connection;
    for (const { value } of secrets) expect(text).not.toContain(value);
    const carriers = authorization.kind === 'signature' ? ['authorization'] : [];
    for (const { headers } of started.explaining.sent) {
      for (const name of [...carriers, 'x-auth-token', 'x-ncp-apigw-signature-v2']) {
        if (headers[name] !== undefined) expect(text).not.toContain(headers[name]);
      }
    }
    expect(text).toMatch(/«(?:secret:[\w.]+|volatile)»/);
    if (authorization.kind === 'token') expect(text).toContain('«token»');
  });

  test('a signature is not shown, only that there is one', async () => {
    const started = await start();
    const { explanation } = await explain(started, { id: NAVER, patch: { status: 'inactive' } });
    expect(explanation.requests[0]?.headers).toMatchObject({
      'x-ncp-apigw-signature-v2': '«volatile»',
      'x-ncp-apigw-timestamp': '«volatile»',
      'x-ncp-iam-access-key': '«secret:auth.accessKey»',
    });
  });
});

describe('with callers', () => {
  const callers = {
    writer: { key: 'key-of-the-writer', scopes: ['profiles:read', 'profiles:write'] },
    admin: { key: 'key-of-the-admin', scopes: ['profiles:write', 'admin'] },
    reader: { key: 'key-of-the-reader', scopes: ['profiles:read'] },
  };
  const ask = async (caller: string | undefined) => {
    const { explaining } = await start({ callers });
    const headers = caller === undefined ? {} : { authorization: `Bearer key-of-the-${caller}` };
    return explaining.ask('POST', `/profiles/${NERM}/explain`, { body: { name: 'x' }, headers });
  };

  test('the route is traced for the scope admin only', async () => {
    const admin = await ask('admin');
    expect(admin.body.route).toEqual([
      { rule: 'target:upstreamId', matched: true, reason: expect.any(String) },
    ]);
    const writer = await ask('writer');
    expect(writer.status).toBe(200);
    expect(writer.body).not.toHaveProperty('route');
  });

  test('who may not write may not ask', async () => {
    expect(await ask('reader')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await ask(undefined)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });
});

test('without callers the route is told, of an id without a target too', async () => {
  const started = await start({ routes: [{ to: 'nerm-demo' }] });
  const id = NERM.slice(NERM.indexOf(':') + 1);
  const { explanation } = await explain(started, { id, patch: { name: 'x' } });
  expect(explanation).toMatchObject({ id, target: 'nerm-demo', upstreamId: id });
  const route = explanation.route ?? [];
  expect(route[0]).toMatchObject({ rule: 'target:upstreamId', matched: false });
  expect(route.slice(1)).toContainEqual({
    rule: 'routes.0',
    matched: true,
    reason: expect.stringContaining('nerm-demo'),
  });
});

test('the query takes true and false only', async () => {
  const { explaining } = await start();
  const path = `/profiles/${NERM}/explain?read=yes`;
  const answer = await explaining.ask('POST', path, { body: { name: 'x' } });
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_patch' } });
});
