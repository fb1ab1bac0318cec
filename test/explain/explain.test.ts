import { describe, expect, test } from 'vitest';
import {
  type HttpRequest,
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
  parseExact,
  pointerTo,
} from '../../src/contract/index.ts';
import type { Explanation } from '../../src/gateway/explain-profile.ts';
import type { Target } from '../../src/gateway/target.ts';
import { createSandboxSet, sandboxConfiguration } from '../../src/sandboxes.ts';
import { IAM, iamTarget, KEYSTONE, keystoneTarget, NAVER, NERM, SENLIN } from '../http/profiles.ts';
import { createInMemoryGateway, NOW_MS, type Sent, UPSTREAM } from './in-memory.ts';
import { CASES, type Case } from './patches.ts';

type Explained = Explanation['requests'][number];

/** Two gateways in front of one set of sandboxes: one explains, the other writes. */
async function start(parts: JsonObject = {}) {
  const set = createSandboxSet(() => NOW_MS);
  const base = sandboxConfiguration(set, UPSTREAM);
  const targets = {
    ...(isObject(base.targets) ? base.targets : {}),
    'keystone-demo': keystoneTarget(UPSTREAM),
    'iam-status': iamTarget('iam', 'sandbox-password', true)(UPSTREAM),
  };
  const options = { document: { ...base, targets, ...parts }, fetch: set.fetch };
  const [explaining, writing] = [
    await createInMemoryGateway(options),
    await createInMemoryGateway(options),
  ];
  const changes = () => [...set.byFolder.values()].flatMap(({ journal }) => journal());
  return { explaining, writing, changes, set };
}

type Started = Awaited<ReturnType<typeof start>>;

async function explain({ explaining }: Started, { id, lenient, patch }: Case, query = '') {
  const headers = lenient === true ? { prefer: 'handling=lenient' } : {};
  const path = `/profiles/${id}/explain${query}`;
  const answer = await explaining.ask('POST', path, { body: patch, headers });
  expect(answer.status, answer.text).toBe(200);
  return { ...answer, explanation: parseExact(answer.text) as unknown as Explanation };
}

/**
 * Makes the write that was explained, and tells what was sent for it. A vendor may end the token
 * with a write: what it then refused was sent again with a fresh one, and counts once.
 */
async function write({ writing }: Started, { id, lenient, patch }: Case): Promise<Sent[]> {
  const headers = lenient === true ? { prefer: 'handling=lenient' } : {};
  const answer = await writing.ask('PATCH', `/profiles/${id}`, { body: patch, headers });
  expect(answer.status, answer.text).toBe(200);
  const accepted = writing.sent.filter(({ status }) => status !== 401);
  return accepted.filter((request, i) => i === 0 || !isTokenRequest(request));
}

function isTokenRequest({ path }: HttpRequest): boolean {
  return /\/auth\/tokens\?nocatalog$/.test(path);
}

/** A request that was sent, with what differs each time and what is secret named. */
function shown(request: HttpRequest, { connection, redactor }: Target, isToken: boolean) {
  const { authorization } = connection;
  const changing = authorization.kind === 'signature' ? authorization.volatileHeaders : [];
  const token = authorization.kind === 'token' && !isToken ? authorization.header : undefined;
  const headers = Object.entries(request.headers).map(([name, value]) => {
    if (changing.includes(name)) return [name, '«volatile»'];
    return [name, name === token ? '«token»' : redactor.text(value)];
  });
  const { body, method, origin, path } = request;
  const text = body === undefined ? {} : { body: redactor.text(body) };
  return { method, url: origin + path, headers: Object.fromEntries(headers), ...text };
}

function targetOf({ writing }: Started, id: string): Target {
  const target = writing.targets.get(id.slice(0, id.indexOf(':')));
  if (target === undefined) throw new Error(`no target for ${id}`);
  return target;
}

/** Pointers of all values of a body that hold no others. */
function leaves(value: Json, pointer = ''): string[] {
  const members: (readonly [string, Json])[] = isObject(value)
    ? Object.entries(value)
    : isList(value)
      ? value.map((item, i) => [String(i), item] as const)
      : [];
  if (members.length === 0) return [pointer];
  return members.flatMap(([key, member]) => leaves(member, pointerTo(pointer, key)));
}

function expectProvenance({ body, pointers, provenance, step }: Explained): void {
  if (step === 'token' || body === undefined) return;
  const document = parseExact(body) ?? null;
  const named = Object.keys(provenance);
  const covers = (leaf: string) => named.some((name) => `${leaf}/`.startsWith(`${name}/`));
  expect(leaves(document).filter((leaf) => !covers(leaf))).toEqual([]);
  expect(
    named.filter((name) => !leaves(document).some((leaf) => `${leaf}/`.startsWith(`${name}/`))),
  ).toEqual([]);
  for (const source of Object.values(provenance)) {
    if (source === '/attributes' || !source.startsWith('/')) continue;
    expect(pointers).toContain(source);
  }
}

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  test.each(cases)('explains what it sends for $patch', async (one) => {
    const started = await start();
    const target = targetOf(started, one.id);
    const { explanation } = await explain(started, one, '?read=true');
    expect(started.changes()).toEqual([]);
    expect(explanation.wouldBe).toBe(one.noop === true ? 'noop' : 'write');

    const sent = await write(started, one);
    const { length } = explanation.requests;
    const expected = explanation.requests.map(({ body, headers, method, url }) => ({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { body }),
    }));
    const given = sent
      .slice(0, length)
      .map((request, i) => shown(request, target, explanation.requests[i]?.step === 'token'));
    expect(given).toEqual(expected);
    // What follows are reads: nothing is written that was not explained.
    expect(sent.slice(length).filter(({ method }) => method !== 'GET')).toEqual([]);
    for (const request of explanation.requests) expectProvenance(request);
    const carried = explanation.requests.flatMap(({ pointers }) => pointers);
    expect(new Set(carried).size).toBe(carried.length);
    expect(started.changes().length > 0).toBe(one.noop !== true && one.unchanged !== true);
  });

  test.each(cases)('asks nobody without leave for $patch', async (one) => {
    const started = await start();
    const { explanation } = await explain(started, one);
    expect(started.explaining.sent).toEqual([]);
    expect(explanation).not.toHaveProperty('before');
    if (one.noop === true) return;
    const sent = await write(started, one);
    const target = targetOf(started, one.id);
    for (const [i, request] of explanation.requests.entries()) {
      const actual = shown(sent[i] as Sent, target, request.step === 'token');
      expect(actual).toMatchObject({ method: request.method, url: request.url });
      expect(actual.headers).toEqual(request.headers);
      const isUntold = request.body === undefined && request.dependsOnRead;
      if (!isUntold) expect(own(actual, 'body')).toBe(request.body);
    }
  });
});

test('of a map that is written back whole each key has its source, an empty map too', async () => {
  const started = await start();
  const senlin = started.set.byFolder.get('senlin');
  senlin?.outsideWrite(SENLIN.slice(SENLIN.indexOf(':') + 1), { metadata: { a: 1, b: 2 } });
  const source = async (attributes: JsonObject) => {
    const one = { id: SENLIN, patch: { attributes } };
    const { requests } = (await explain(started, one, '?read=true')).explanation;
    for (const request of requests) expectProvenance(request);
    return requests.at(-1)?.provenance;
  };
  expect(await source({ a: null, c: 3 })).toEqual({
    '/profile/metadata/b': 'the current profile',
    '/profile/metadata/c': '/attributes/c',
  });
  expect(await source({ a: null, b: null })).toEqual({ '/profile/metadata': '/attributes' });
});

test('an explanation shows the profile as it is and as the write leaves it', async () => {
  const started = await start();
  const one = { id: NERM, patch: { status: 'inactive', attributes: { nickname: null } } };
  const { explanation } = await explain(started, one, '?read=true');
  const before = await started.writing.ask('GET', `/profiles/${NERM}`);
  expect(explanation.before).toEqual(before.body.profile);
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
    wouldBe: 'refused',
    requests: [],
    problem: {
      code: 'unsupported_patch',
      errors: [
        { pointer: '/name', code: 'out_of_limits' },
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
  expect((await explain(started, one)).explanation.wouldBe).toBe('write');
  const { explanation } = await explain(started, one, '?read=true');
  expect(explanation).toMatchObject({
    wouldBe: 'refused',
    problem: { code: 'unsupported_patch', errors: [{ pointer: '/name' }] },
  });
  const lenient = await explain(started, { ...one, lenient: true }, '?read=true');
  expect(lenient.explanation).toMatchObject({
    wouldBe: 'write',
    losses: [{ pointer: '/name', kind: 'dropped' }],
  });
  expect(lenient.explanation.requests.at(-1)?.pointers).toEqual(['/description']);
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
      { rule: 'target:upstreamId', matched: true, why: expect.any(String) },
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
  expect(explanation.route).toMatchObject([
    { rule: 'target:upstreamId', matched: false },
    { rule: 'default route', matched: true, why: 'it goes to nerm-demo' },
  ]);
});

test('the query takes true and false only', async () => {
  const { explaining } = await start();
  const path = `/profiles/${NERM}/explain?read=yes`;
  const answer = await explaining.ask('POST', path, { body: { name: 'x' } });
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_patch' } });
});
