import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { createApp } from '../../src/gateway/app.ts';
import { readConfiguration } from '../../src/gateway/config.ts';
import { nodeDigests } from '../../src/gateway/digests-node.ts';
import { createProcessLock } from '../../src/gateway/lock.ts';
import { isFailure, type Ports } from '../../src/gateway/ports.ts';
import { createUndiciSend } from '../../src/gateway/send-undici.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
const sent: string[] = [];
let nowMs = 0;

type Loose = { readonly [key: string]: Loose };
type Answer = { status: number; text: string; body: Loose };
let call: (method: string, id: string, patch?: string, headers?: object) => Promise<Answer>;
let direct: (method: string, url: string, body?: object) => Promise<Answer>;
let profileId = '';
let token = '';

async function open(): Promise<void> {
  const { adminName, adminPassword, adminProjectName, keystone, senlin } = servers ?? {};
  const auth = {
    method: 'password',
    url: keystone,
    username: adminName,
    password: adminPassword,
    userDomain: 'Default',
    project: adminProjectName,
    projectDomain: 'Default',
  };
  const wrong = { ...auth, password: 'not-the-password' };
  const iam = { vendor: 'iam', dialect: 'keystone', baseUrl: keystone };
  const document = {
    version: 1,
    targets: {
      'senlin-live': { vendor: 'senlin', baseUrl: senlin, auth },
      'senlin-wrong': { vendor: 'senlin', baseUrl: senlin, auth: wrong },
      'iam-live': { ...iam, auth },
    },
  };
  const { send } = createUndiciSend();
  const ports: Ports = {
    send: async (request, timeoutMs) => {
      const answer = await send(request, timeoutMs);
      const status = isFailure(answer) ? answer.reason : answer.status;
      sent.push(`${request.method} ${request.path} ${status}`);
      return answer;
    },
    now: () => Date.now() + nowMs,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests: nodeDigests,
    withLock: createProcessLock(),
    serialized: 'process',
    log: () => {},
    deadlineMs: 30_000,
  };
  const options = { adapters, lookup: { environment: () => undefined }, now: ports.now };
  const read = await readConfiguration(document, { ...options, digests: nodeDigests });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const app = createApp({ adapters, ports, gateway: () => read.gateway });
  call = async (method, id, patch, headers = {}) => {
    const response = await app.request(`http://localhost/profiles/${id}`, {
      method,
      headers: { 'content-type': 'application/merge-patch+json', ...headers },
      ...(patch === undefined ? {} : { body: patch }),
    });
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) as Loose };
  };
  direct = async (method, url, body) => {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    token = response.headers.get('x-subject-token') ?? token;
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text === '' ? '{}' : text) as Loose };
  };
  const domain = { id: 'default' };
  const user = { name: adminName, password: adminPassword, domain };
  const identity = { methods: ['password'], password: { user } };
  const scope = { project: { name: adminProjectName, domain } };
  await direct('POST', `${keystone}/auth/tokens`, { auth: { identity, scope } });
}

async function createProfile(): Promise<string> {
  const spec = {
    type: 'os.heat.stack',
    version: '1.0',
    properties: { template: { heat_template_version: '2016-04-08' } },
  };
  const profile = { name: `live-${Date.now()}`, metadata: {}, spec };
  const made = await direct('POST', `${servers?.senlin}/profiles`, { profile });
  return String(made.body.profile?.id);
}

async function createProject(name: string): Promise<string> {
  const project = { name, description: 'made for a test', domain_id: 'default' };
  const made = await direct('POST', `${servers?.keystone}/projects`, { project });
  return String(made.body.project?.id);
}

describe.skipIf(servers === undefined)('the gateway in front of a real Senlin', () => {
  beforeAll(async () => {
    await open();
    profileId = await createProfile();
  });

  it('renames, and says noop the second time', async () => {
    const patch = '{"name":"live-renamed"}';
    const first = await call('PATCH', `senlin-live:${profileId}`, patch);
    expect(first.body).toMatchObject({ profile: { name: 'live-renamed' } });
    expect(first.body.write).toMatchObject({ outcome: 'applied', unconfirmed: [] });
    const second = await call('PATCH', `senlin-live:${profileId}`, patch);
    expect(second.body.write?.outcome).toBe('noop');
  });

  it('sets, changes and clears attributes without touching their neighbours', async () => {
    const raw =
      '{"profile":{"metadata":{"big":12345678901234567890,"real":1.0,"deep":{"a":1.0,"b":2},"__proto__":"kept","out":1}}}';
    await fetch(`${servers?.senlin}/profiles/${profileId}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: raw,
    });
    const patch = '{"attributes":{"owner":"blue","deep":{"b":null,"c":[1.5]},"out":null}}';
    const written = await call('PATCH', `senlin-live:${profileId}`, patch);
    expect(written.body.write).toMatchObject({ outcome: 'applied', unconfirmed: [], losses: [] });
    const seen = await direct('GET', `${servers?.senlin}/profiles/${profileId}`);
    const metadata = seen.text.slice(seen.text.indexOf('"metadata"'));
    expect(metadata).toContain('"big": 12345678901234567890');
    expect(metadata).toContain('"real": 1.0');
    expect(metadata).toContain('"deep": {"a": 1.0, "c": [1.5]}');
    expect(metadata).toContain('"__proto__": "kept"');
    expect(metadata).toContain('"owner": "blue"');
    expect(metadata).not.toContain('"out"');
    expect(written.text).toContain('"big":12345678901234567890');
    const again = await call('PATCH', `senlin-live:${profileId}`, patch);
    expect(again.body.write?.outcome).toBe('noop');
    const cleared = await call('PATCH', `senlin-live:${profileId}`, '{"attributes":null}');
    expect(cleared.body.profile?.attributes).toEqual({});
  });

  it.each(['%25', '7', 'live-renamed', 'UPPER', '..', '%2e%2e'])(
    'refuses the id %s',
    async (id) => {
      const before = await direct('GET', `${servers?.senlin}/profiles/${profileId}`);
      sent.length = 0;
      const written = id === 'UPPER' ? profileId.toUpperCase() : id;
      const answer = await call('PATCH', `senlin-live:${written}`, '{"name":"must-not-land"}');
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('invalid_id');
      expect(sent).toEqual([]);
      const after = await direct('GET', `${servers?.senlin}/profiles/${profileId}`);
      expect(after.text).toBe(before.text);
    },
  );

  it('tells a profile that does not exist', async () => {
    const answer = await call('PATCH', `senlin-live:${randomUUID()}`, '{"name":"x"}');
    expect(answer).toMatchObject({ status: 404, body: { code: 'profile_not_found' } });
  });

  it('lets refused credentials rest for 30 s', async () => {
    sent.length = 0;
    const first = await call('GET', `senlin-wrong:${profileId}`);
    expect(first).toMatchObject({ status: 502, body: { code: 'target_unauthorized' } });
    expect(sent).toHaveLength(1);
    nowMs = 29_000;
    expect((await call('GET', `senlin-wrong:${profileId}`)).status).toBe(502);
    expect(sent).toHaveLength(1);
    nowMs = 31_000;
    expect((await call('GET', `senlin-wrong:${profileId}`)).status).toBe(502);
    expect(sent).toHaveLength(2);
    nowMs = 0;
  });
});

describe.skipIf(servers === undefined)('the gateway in front of a real Keystone', () => {
  const run = `live-${Date.now()}`;
  let projectId = '';

  beforeAll(async () => {
    await open();
    projectId = await createProject(run);
    await createProject(`${run}-taken`);
  });

  it('renames, describes, suspends and clears', async () => {
    const patch = { name: `${run}-new`, description: 'by the gateway', status: 'inactive' };
    const written = await call('PATCH', `iam-live:${projectId}`, JSON.stringify(patch));
    expect(written.body.profile).toMatchObject(patch);
    expect(written.body.write).toMatchObject({ outcome: 'applied', atomic: true });
    const cleared = await call(
      'PATCH',
      `iam-live:${projectId}`,
      '{"description":null,"status":"active"}',
    );
    expect(cleared.body.profile).not.toHaveProperty('description');
    expect(cleared.body.profile?.status).toBe('active');
  });

  it('tells a name that is taken as a conflict', async () => {
    const answer = await call('PATCH', `iam-live:${projectId}`, `{"name":"${run}-taken"}`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', outcome: 'rejected' } });
  });

  it.each(['%25', '7', 'admin'])('refuses the id %s', async (id) => {
    sent.length = 0;
    const answer = await call('PATCH', `iam-live:${id}`, '{"description":"x"}');
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_id' } });
    expect(sent).toEqual([]);
  });
});
