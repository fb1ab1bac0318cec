import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { adminOf, createLiveGateway, type LiveGateway } from './live-gateway.ts';
import { type LiveProcess, startLiveProcess } from './live-process.ts';
import { type LossyProxy, openLossyProxy } from './lossy-proxy.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
const run = Date.now();
const TEST_TIMEOUT_MS = 120_000;
/** Longer than the servers need while all other tests use them. */
const TIMEOUT_MS = 25_000;

const spec = {
  type: 'os.heat.stack',
  version: '1.0',
  properties: { template: { heat_template_version: '2016-04-08' } },
};
const stack = { extensions: { senlin: { spec } } };

let gateway: LiveProcess;
let live: LiveGateway;
const lossy: Record<string, LossyProxy> = {};

/** A target of the real servers, or of a proxy in front of one. */
function targetsOf(real: Readonly<Record<string, string>>): Record<string, JsonObject> {
  const auth = adminOf(real);
  const common = { auth, timeoutMs: TIMEOUT_MS };
  const iam = { vendor: 'iam', dialect: 'keystone', ...common };
  return {
    'senlin-live': { vendor: 'senlin', baseUrl: real.senlin ?? '', ...common },
    'senlin-lossy': { vendor: 'senlin', baseUrl: lossy.senlin?.origin ?? '', ...common },
    'iam-live': { ...iam, baseUrl: real.keystone ?? '' },
    'iam-lossy': { ...iam, baseUrl: lossy.keystone?.origin ?? '' },
  };
}

/** What a server itself has of a name. */
async function storedAs(server: 'senlin' | 'keystone', name: string) {
  const kind = server === 'senlin' ? 'profiles' : 'projects';
  const version = server === 'senlin' ? 'v1' : 'v3';
  const url = `${servers?.[server]}/${version}/${kind}?name=${name}`;
  const { body } = await live.direct('GET', url);
  return Array.from({ length: Number(body[kind]?.length) }, (_, i) => body[kind]?.[i] ?? {});
}

describe.skipIf(servers === undefined)('creates at real servers', () => {
  beforeAll(async () => {
    const real = servers ?? {};
    lossy.senlin = await openLossyProxy(real.senlin ?? '');
    lossy.keystone = await openLossyProxy(real.keystone ?? '');
    [gateway, live] = await Promise.all([
      startLiveProcess(targetsOf(real)),
      createLiveGateway(real),
    ]);
  }, TEST_TIMEOUT_MS);

  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(Object.values(lossy).map((proxy) => proxy.close()));
  }, TEST_TIMEOUT_MS);

  it(
    'makes a Senlin profile, which is read as it was created',
    async () => {
      const name = `made-${run}`;
      const attributes = { owner: 'blue', deep: { n: 1.5 } };
      const made = await gateway.create({ target: 'senlin-live', name, attributes, ...stack });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      expect(made.body).toMatchObject({ write: { outcome: 'applied', losses: [] } });
      const [stored, ...others] = await storedAs('senlin', name);
      expect(others).toEqual([]);
      expect(stored).toMatchObject({ name, metadata: attributes, spec });
      expect(decodeURIComponent(made.location)).toBe(`/profiles/senlin-live:${stored?.id}`);
      const read = await gateway.ask('GET', made.location);
      expect(read.body).toEqual({ profile: made.body.profile });
      expect((await gateway.ask('DELETE', made.location)).status).toBe(204);
      expect(await storedAs('senlin', name)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'makes a Senlin profile once for one key, and none without a key',
    async () => {
      const wanted = { target: 'senlin-live', name: `once-${run}`, ...stack };
      const first = await gateway.create(wanted, `once-${run}`);
      const second = await gateway.create(wanted, `once-${run}`);
      expect([first.status, second.status, second.isReplayed]).toEqual([201, 201, true]);
      expect(second.body).toEqual(first.body);
      expect((await gateway.create(wanted, '')).body.code).toBe('idempotency_key_required');
      expect(await storedAs('senlin', wanted.name)).toHaveLength(1);
      // Another request for the same name makes a twin, as Senlin itself does.
      expect((await gateway.create(wanted)).status).toBe(201);
      expect(await storedAs('senlin', wanted.name)).toHaveLength(2);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['a type that is not loaded', { ...spec, type: 'os.none' }],
    ['a property that the type does not have', { ...spec, properties: { none: 1 } }],
  ])(
    'rejects a spec with %s in the words of Senlin',
    async (_, refused) => {
      const name = `refused-${run}`;
      const body = { target: 'senlin-live', name, extensions: { senlin: { spec: refused } } };
      const answer = await gateway.create(body);
      expect(answer.body).toMatchObject({ status: 422, code: 'rejected_by_target' });
      expect(answer.body.outcome).toBe('rejected');
      expect(String(answer.body.upstream?.message)).toMatch(/os\.none|none/u);
      expect(await storedAs('senlin', name)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['senlin-live', stack],
    ['iam-live', {}],
  ] as const)(
    'links a new profile of %s in the same step, and unlinks it when it is deleted',
    async (target, members) => {
      const server = target === 'senlin-live' ? 'senlin' : 'keystone';
      const [id, name] = [`emp-${target}-${run}`, `linked-${run}`];
      const made = await gateway.create({ target, id, name, ...members });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      const [stored] = await storedAs(server, name);
      const byTarget = await gateway.ask('GET', `/profiles/${target}:${stored?.id}`);
      expect(byTarget.body.profile?.upstreamId).toBe(stored?.id);
      // Ids without a target go to senlin-live.
      const path = target === 'senlin-live' ? id : `${target}:${stored?.id}`;
      expect(decodeURIComponent(made.location)).toBe(`/profiles/${path}`);
      const link = await gateway.ask('GET', `/admin/links/${id}`);
      expect(JSON.stringify(link.body)).toContain(String(stored?.id));
      const again = await gateway.create({ target, id, name: `${name}-again`, ...members });
      expect(again.body).toMatchObject({ status: 409, code: 'link_exists' });
      expect(await storedAs(server, `${name}-again`)).toEqual([]);
      expect((await gateway.ask('DELETE', made.location)).status).toBe(204);
      expect(await storedAs(server, name)).toEqual([]);
      expect((await gateway.ask('GET', `/admin/links/${id}`)).body.code).toBe('link_not_found');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'makes a Keystone project, which is read as it was created',
    async () => {
      const name = `made-${run}`;
      const wanted = { name, description: 'by the gateway', status: 'inactive' };
      const parent = await live.createProject(`parent-${run}`);
      const extensions = { iam: { domain_id: 'default', parent_id: parent } };
      const made = await gateway.create({ target: 'iam-live', ...wanted, extensions });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      expect(made.body).toMatchObject({
        profile: { ...wanted, extensions },
        write: { outcome: 'applied' },
      });
      const [stored, ...others] = await storedAs('keystone', name);
      expect(others).toEqual([]);
      const asked = { name, description: wanted.description, enabled: false };
      expect(stored).toMatchObject({ ...asked, ...extensions.iam });
      expect(decodeURIComponent(made.location)).toBe(`/profiles/iam-live:${stored?.id}`);
      const read = await gateway.ask('GET', made.location);
      expect(read.body).toEqual({ profile: made.body.profile });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'rejects a Keystone project whose name is taken, and one below no parent',
    async () => {
      const wanted = { target: 'iam-live', name: `taken-${run}` };
      expect((await gateway.create(wanted)).status).toBe(201);
      const answer = await gateway.create(wanted);
      expect(answer.body).toMatchObject({ status: 409, code: 'conflict', outcome: 'rejected' });
      expect(String(answer.body.upstream?.message)).toContain('Conflict occurred');
      expect(await storedAs('keystone', wanted.name)).toHaveLength(1);
      const extensions = { iam: { parent_id: 'f'.repeat(32) } };
      const orphan = await gateway.create({ ...wanted, name: `orphan-${run}`, extensions });
      expect(orphan.body).toMatchObject({ status: 422, code: 'rejected_by_target' });
      expect(await storedAs('keystone', `orphan-${run}`)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['senlin-lossy', 'senlin', stack],
    ['iam-lossy', 'keystone', {}],
  ] as const)(
    'finds the profile of %s whose answer was lost',
    async (target, server, members) => {
      const proxy = lossy[server];
      const wanted = { target, name: `lost-${run}`, ...members };
      proxy?.loseNext('POST');
      const answer = await gateway.create(wanted, `lost-${target}-${run}`);
      expect(proxy?.lost).toHaveLength(1);
      expect(proxy?.lost[0]).toMatch(/^POST .* 201$/u);
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      expect(answer.body.write).toMatchObject({ outcome: 'applied', evidence: 'read_back' });
      const stored = await storedAs(server, wanted.name);
      expect(stored.map(({ id }) => id)).toEqual([answer.body.profile?.upstreamId]);
      const repeat = await gateway.create(wanted, `lost-${target}-${run}`);
      expect([repeat.status, repeat.isReplayed]).toEqual([201, true]);
      expect(await storedAs(server, wanted.name)).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );
});
