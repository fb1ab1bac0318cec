import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, identityOf } from '../../adapters/keystone/sandbox/index.ts';
import type { Sandbox } from '../../adapters/sandbox-kit/sandbox.ts';

const ORIGIN = 'http://127.0.0.1:8788';
const KEYSTONE = `${ORIGIN}/keystone`;
const ALPHA = 'c438313824b94a38bcf9c2542d447ef5';
const BETA = 'a0a5e19726164ada9d4b25914d72343a';
const DEMO = '42d9e9663331431f97b75e25136307ff';
const JSON_TYPE = { 'content-type': 'application/json' };
const DEFAULT = { id: 'default' };

let sandbox: Sandbox;
let nowMs: number;

beforeEach(() => {
  nowMs = Date.parse('2026-01-05T09:00:00Z');
  sandbox = createSandbox({
    basePath: '/keystone',
    now: () => nowMs,
    peer: () => {
      throw new Error('Keystone has no peer');
    },
  });
});

type Answer = {
  readonly token: Readonly<Record<string, unknown>> & { readonly catalog: { type: string }[] };
  readonly project: Readonly<Record<string, unknown>> & { readonly extra: { links: unknown } };
  readonly error: { readonly message: string };
};

async function read(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

type Headers_ = Readonly<Record<string, string>>;

async function call(method: string, path: string, body?: string, headers: Headers_ = JSON_TYPE) {
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  return await sandbox.fetch(new Request(`${KEYSTONE}${path}`, init));
}

function password(name: string, secret: string, scope?: unknown): string {
  const user = { name, domain: DEFAULT, password: secret };
  const identity = { methods: ['password'], password: { user } };
  return JSON.stringify({ auth: { identity, ...(scope === undefined ? {} : { scope }) } });
}

function credential(secret: string, scope?: unknown): string {
  const given = { id: 'sandbox-application-credential', secret };
  const identity = { methods: ['application_credential'], application_credential: given };
  return JSON.stringify({ auth: { identity, ...(scope === undefined ? {} : { scope }) } });
}

async function tokenFor(body: string): Promise<string> {
  const response = await call('POST', '/v3/auth/tokens?nocatalog', body);
  expect(response.status).toBe(201);
  return response.headers.get('x-subject-token') ?? '';
}

const onProject = (name: string) => ({ project: { name, domain: DEFAULT } });
const adminToken = () => tokenFor(password('admin', 'sandbox-admin-password', onProject('admin')));
const gatewayToken = () => tokenFor(password('gateway', 'sandbox-password', onProject('demo')));

async function patch(body: string, id = ALPHA, token?: string) {
  const headers = { ...JSON_TYPE, 'x-auth-token': token ?? (await adminToken()) };
  return await call('PATCH', `/v3/projects/${id}`, body, headers);
}

describe('tokens', () => {
  it('tells user, project and roles, with the catalog unless it is waived', async () => {
    const body = password('gateway', 'sandbox-password', onProject('demo'));
    const response = await call('POST', '/v3/auth/tokens', body);
    expect(response.headers.get('x-subject-token')).toMatch(/^gAAAAA[\w-]{170,180}$/);
    const { token } = await read(response);
    expect(token.project).toEqual({
      domain: { id: 'default', name: 'Default' },
      id: DEMO,
      name: 'demo',
    });
    expect(token.expires_at).toBe('2026-01-05T10:00:00.000000Z');
    expect(token.catalog.map((service) => service.type)).toEqual(['identity', 'clustering']);
    const waived = await call('POST', '/v3/auth/tokens?nocatalog', body);
    expect((await read(waived)).token).not.toHaveProperty('catalog');
  });

  const refused: [string, string, number, string][] = [
    ['empty object', '{}', 400, 'Expecting to find auth in request body.'],
    ['invalid JSON', '{"auth":', 400, 'Expecting to find valid JSON in request body.'],
    ['wrong password', password('admin', 'wrong'), 401, 'requires authentication'],
    ['unknown user', password('nobody', 'x'), 401, 'requires authentication'],
    [
      'a scope without a role',
      password('gateway', 'sandbox-password', onProject('admin')),
      401,
      'requires authentication',
    ],
    [
      'two scopes',
      password('admin', 'sandbox-admin-password', { ...onProject('admin'), domain: DEFAULT }),
      400,
      'OS-TRUST:trust or unscoped in scope',
    ],
    [
      'credential and scope',
      credential('sandbox-secret', 'unscoped'),
      401,
      'cannot request a scope',
    ],
    ['wrong secret', credential('nope'), 401, 'requires authentication'],
  ];
  it.each(refused)('refuses %s', async (_name, body, status, message) => {
    const response = await call('POST', '/v3/auth/tokens', body);
    expect(response.status).toBe(status);
    expect((await read(response)).error.message).toContain(message);
    const named = status === 401 ? `Keystone uri="${KEYSTONE}/v3"` : null;
    expect(response.headers.get('www-authenticate')).toBe(named);
  });

  it('keeps the credential restricted and the unscoped token of admin without rights', async () => {
    const response = await call('POST', '/v3/auth/tokens?nocatalog', credential('sandbox-secret'));
    const { token: shown } = await read(response);
    expect(shown).toMatchObject({ application_credential: { restricted: true } });
    const token = await tokenFor(password('admin', 'sandbox-admin-password', 'unscoped'));
    expect((await patch('{"project":{"description":"d"}}', ALPHA, token)).status).toBe(403);
  });

  it('expires and revokes', async () => {
    const [first, second] = [await adminToken(), await adminToken()];
    const headers = { 'x-auth-token': first, 'x-subject-token': second };
    expect((await call('DELETE', '/v3/auth/tokens', undefined, headers)).status).toBe(204);
    expect((await patch('{"project":{"description":"d"}}', ALPHA, second)).status).toBe(401);
    expect((await patch('{"project":{"description":"d"}}', ALPHA, first)).status).toBe(200);
    nowMs += 3_600_000;
    expect((await patch('{"project":{"description":"d"}}', ALPHA, first)).status).toBe(401);
    expect(identityOf(sandbox)?.validate(first)).toBeUndefined();
  });

  it('answers 404 to a token whose project is disabled', async () => {
    const token = await gatewayToken();
    expect((await patch('{"project":{"enabled":false}}', DEMO)).status).toBe(200);
    const response = await call('GET', `/v3/projects/${DEMO}`, undefined, {
      'x-auth-token': token,
    });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('Unable to validate token because project');
  });
});

describe('PATCH /v3/projects/{id}', () => {
  const stored: [string, string, object][] = [
    ['strips the name', '{"name":"  alpha4  "}', { name: 'alpha4' }],
    ['keeps a null description', '{"description":null}', { description: null }],
    ['keeps an empty description', '{"description":""}', { description: '' }],
    ['merges extras at the top level', '{"owner":"ops"}', { owner: 'ops', color: 'red' }],
    ['replaces a nested extra', '{"nest":{"b":2}}', { nest: { b: 2 } }],
    ['keeps a null extra', '{"color":null}', { color: null }],
    ['drops a key called extra', '{"extra":{"color":"x"}}', { color: 'red' }],
    ['replaces tags', '{"tags":["b","a"]}', { tags: ['b', 'a'] }],
    [
      'takes the last duplicate',
      '{"description":"one","description":"two"}',
      { description: 'two' },
    ],
    ['takes its own id', `{"id":"${ALPHA}"}`, { id: ALPHA }],
    ['takes 64 CJK characters', `{"name":"${'界'.repeat(64)}"}`, { name: '界'.repeat(64) }],
    ['takes a name that differs in case', '{"name":"BETA"}', { name: 'BETA' }],
  ];
  it.each(stored)('%s', async (_name, fields, expected) => {
    const response = await patch(`{"project":${fields}}`);
    expect(response.status).toBe(200);
    expect((await read(response)).project).toMatchObject(expected);
    expect(sandbox.stored(ALPHA)).toMatchObject(expected);
  });

  const refused: [string, string, number, string][] = [
    ['no property', '{"project":{}}', 400, '{} does not have enough properties'],
    ['no wrapper', '{"description":"d"}', 400, '{} does not have enough properties'],
    ['no body', '', 400, '{} does not have enough properties'],
    ['an array', '[]', 400, 'Expecting to find valid JSON in request body.'],
    ['project null', '{"project":null}', 400, "None is not of type 'object'"],
    ['the second fault first', '{"project":{"name":5,"description":6}}', 400, "'description': 6"],
    ['a null name', '{"project":{"name":null}}', 400, 'None is not of type'],
    ['a blank name', '{"project":{"name":"   "}}', 400, "'   ' does not match '[\\\\S]+'"],
    ['65 characters', `{"project":{"name":"${'n'.repeat(65)}"}}`, 400, 'is too long'],
    ['64 and spaces', `{"project":{"name":" ${'n'.repeat(64)} "}}`, 400, 'is too long'],
    ['enabled 1', '{"project":{"enabled":1}}', 400, "1 is not of type 'boolean'"],
    ['a tag with a comma', '{"project":{"tags":["a,b"]}}', 400, "'tags/0': 'a,b' does not match"],
    ['a tag twice', '{"project":{"tags":["a","a"]}}', 400, 'has non-unique elements'],
    ['an unknown option', '{"project":{"options":{"nope":1}}}', 400, "('nope' was unexpected)"],
    ['another id', `{"project":{"id":"${BETA}"}}`, 400, 'Cannot change ID'],
    ['another parent', `{"project":{"parent_id":"${BETA}"}}`, 403, 'Update of `parent_id`'],
    ['another domain', `{"project":{"domain_id":"${BETA}"}}`, 400, 'Cannot change Domain ID'],
    ['is_domain', '{"project":{"is_domain":true}}', 400, 'Update of `is_domain`'],
    [
      'a taken name, with id',
      `{"project":{"id":"${ALPHA}","name":"beta"}}`,
      409,
      'name is beta, project id',
    ],
  ];
  it.each(refused)('refuses %s and writes nothing', async (_name, body, status, message) => {
    const before = sandbox.stored(ALPHA);
    const response = await patch(body);
    expect(response.status).toBe(status);
    expect((await read(response)).error.message).toContain(message);
    expect(sandbox.stored(ALPHA)).toEqual(before);
    expect(sandbox.journal()).toEqual([]);
  });

  it('breaks on a taken name without the id in the body', async () => {
    expect((await patch('{"project":{"name":" beta ","description":"half"}}')).status).toBe(500);
    expect(sandbox.stored(ALPHA)).toMatchObject({ name: 'alpha', description: 'first' });
  });

  it('locks and unlocks by the immutable option alone', async () => {
    expect((await patch('{"project":{"options":{"immutable":true}}}')).status).toBe(200);
    const both = '{"project":{"options":{"immutable":false},"description":"x"}}';
    for (const body of ['{"project":{"description":"x"}}', both]) {
      expect((await patch(body)).status).toBe(403);
    }
    expect((await patch('{"project":{"options":{"immutable":null}}}')).status).toBe(200);
    expect(sandbox.stored(ALPHA)?.options).toEqual({});
  });

  it('guards the tree of projects', async () => {
    const child = 'b94c7d21b4814fd3ba81a7e349eb094b';
    expect((await patch('{"project":{"enabled":false}}', BETA)).status).toBe(403);
    expect((await patch('{"project":{"enabled":false}}', child)).status).toBe(200);
    expect((await patch('{"project":{"enabled":false}}', BETA)).status).toBe(200);
    expect((await patch('{"project":{"description":"x"}}', child)).status).toBe(403);
  });

  it('looks at the body, then the right, then the project', async () => {
    const token = await gatewayToken();
    const unknown = '0'.repeat(32);
    expect((await patch('{', unknown, token)).status).toBe(400);
    expect((await patch('{"project":{}}', unknown, token)).status).toBe(403);
    expect((await patch('{"project":{}}', unknown)).status).toBe(400);
    expect((await patch('{"project":{"description":"d"}}', unknown)).status).toBe(404);
    expect((await patch('{"project":{"description":"d"}}', 'alpha')).status).toBe(404);
    expect((await patch('{"project":{"description":"d"}}', ALPHA, 'nope')).status).toBe(401);
  });

  it('reads merge patches, no text, no chunks and no more than 114 688 bytes', async () => {
    const body = '{"project":{"description":"d"}}';
    const as = async (headers: Headers_, text = body) =>
      (
        await call('PATCH', `/v3/projects/${ALPHA}`, text, {
          'x-auth-token': await adminToken(),
          ...headers,
        })
      ).status;
    expect(await as({ 'content-type': 'application/merge-patch+json' })).toBe(200);
    expect(await as({ 'content-type': '' })).toBe(200);
    expect(await as({ 'content-type': 'text/plain' })).toBe(400);
    expect(await as({ ...JSON_TYPE, 'transfer-encoding': 'chunked' })).toBe(400);
    const large = `{"project":{"description":"${'d'.repeat(115_000)}"}}`;
    expect(await as(JSON_TYPE, large)).toBe(413);
  });

  it('keeps numbers as Python does', async () => {
    const fields = '{"n":12345678901234567890,"f":1.0,"e":1e2,"s":1e-7,"g":1e400,"z":-0}';
    const text = await (await patch(`{"project":${fields}}`)).text();
    expect(text).toContain('"n": 12345678901234567890, "f": 1.0, "e": 100.0, "s": 1e-07');
    expect(text).toContain('"g": Infinity, "z": 0');
  });

  it('shadows its links once they are written back', async () => {
    const headers = { 'x-auth-token': await adminToken() };
    const shown = await (await call('GET', `/v3/projects/${ALPHA}`, undefined, headers)).text();
    const { project } = await read(await patch(shown));
    expect(project.extra.links).toEqual({ self: `${KEYSTONE}/v3/projects/${ALPHA}` });
    expect((await patch('{"project":{"links":5}}')).status).toBe(400);
    expect(sandbox.stored(ALPHA)).toMatchObject({ links: 5 });
  });
});

it('has no PUT, and reads only where the caller may', async () => {
  const token = await gatewayToken();
  const get = async (id: string) =>
    (await call('GET', `/v3/projects/${id}`, undefined, { 'x-auth-token': token })).status;
  expect([await get(DEMO), await get(ALPHA), await get('nope')]).toEqual([200, 403, 403]);
  const put = await call('PUT', `/v3/projects/${ALPHA}`, '{}');
  expect(put.status).toBe(405);
  expect(put.headers.get('allow')).toBe('OPTIONS, PATCH, HEAD, DELETE, GET, POST');
});

it('lets tests write from outside, seed and read the journal', async () => {
  sandbox.outsideWrite(ALPHA, { description: 'by hand' });
  expect((await patch('{"project":{"description":"by hand"}}')).status).toBe(200);
  expect((await patch('{"project":{"description":"new"}}')).status).toBe(200);
  expect(sandbox.journal().map(({ sequence, by }) => [sequence, by])).toEqual([
    [1, 'outside'],
    [2, 'request'],
  ]);
  sandbox.seed('f'.repeat(32), { description: 'seeded' });
  expect(sandbox.stored('f'.repeat(32))).toMatchObject({ description: 'seeded', enabled: true });
});
