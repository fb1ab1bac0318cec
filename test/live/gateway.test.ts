import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLiveGateway, type LiveGateway } from './live-gateway.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
let live: LiveGateway;
let profileId = '';

describe.skipIf(servers === undefined)('the gateway in front of a real Senlin', () => {
  beforeAll(async () => {
    live = await createLiveGateway(servers ?? {});
    profileId = await live.createProfile();
  }, 60_000);

  it('renames, and says noop the second time', async () => {
    const patch = '{"name":"live-renamed"}';
    const first = await live.call('PATCH', `senlin-live:${profileId}`, patch);
    expect(first.body).toMatchObject({ profile: { name: 'live-renamed' } });
    expect(first.body.write).toMatchObject({ outcome: 'applied', unconfirmed: [] });
    const second = await live.call('PATCH', `senlin-live:${profileId}`, patch);
    expect(second.body.write?.outcome).toBe('noop');
  });

  it('sets, changes and clears attributes without touching their neighbours', async () => {
    const raw =
      '{"profile":{"metadata":{"big":12345678901234567890,"real":1.0,"deep":{"a":1.0,"b":2},"__proto__":"kept","out":1}}}';
    await live.direct('PATCH', `${servers?.senlin}/v1/profiles/${profileId}`, raw);
    const patch = '{"attributes":{"owner":"blue","deep":{"b":null,"c":[1.5]},"out":null}}';
    const written = await live.call('PATCH', `senlin-live:${profileId}`, patch);
    expect(written.body.write).toMatchObject({ outcome: 'applied', unconfirmed: [], losses: [] });
    const seen = await live.direct('GET', `${servers?.senlin}/v1/profiles/${profileId}`);
    const metadata = seen.text.slice(seen.text.indexOf('"metadata"'));
    expect(metadata).toContain('"big": 12345678901234567890');
    expect(metadata).toContain('"real": 1.0');
    expect(metadata).toContain('"deep": {"a": 1.0, "c": [1.5]}');
    expect(metadata).toContain('"__proto__": "kept"');
    expect(metadata).toContain('"owner": "blue"');
    expect(metadata).not.toContain('"out"');
    expect(written.text).toContain('"big":12345678901234567890');
    const again = await live.call('PATCH', `senlin-live:${profileId}`, patch);
    expect(again.body.write?.outcome).toBe('noop');
    const cleared = await live.call('PATCH', `senlin-live:${profileId}`, '{"attributes":null}');
    expect(cleared.body.profile?.attributes).toEqual({});
  });

  it.each(['%25', '7', 'live-renamed', 'UPPER', '..', '%2e%2e'])(
    'refuses the id %s',
    async (id) => {
      const before = await live.direct('GET', `${servers?.senlin}/v1/profiles/${profileId}`);
      live.sent.length = 0;
      const written = id === 'UPPER' ? profileId.toUpperCase() : id;
      const answer = await live.call('PATCH', `senlin-live:${written}`, '{"name":"must-not-land"}');
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('invalid_id');
      expect(live.sent).toEqual([]);
      const after = await live.direct('GET', `${servers?.senlin}/v1/profiles/${profileId}`);
      expect(after.text).toBe(before.text);
    },
  );

  it('tells a profile that does not exist', async () => {
    const answer = await live.call('PATCH', `senlin-live:${randomUUID()}`, '{"name":"x"}');
    expect(answer).toMatchObject({ status: 404, body: { code: 'profile_not_found' } });
  });

  it('lets refused credentials rest for 30 s', async () => {
    live.sent.length = 0;
    const first = await live.call('GET', `senlin-wrong:${profileId}`);
    expect(first).toMatchObject({ status: 502, body: { code: 'target_unauthorized' } });
    expect(live.sent).toHaveLength(1);
    live.advance(29_000);
    expect((await live.call('GET', `senlin-wrong:${profileId}`)).status).toBe(502);
    expect(live.sent).toHaveLength(1);
    live.advance(2_000);
    expect((await live.call('GET', `senlin-wrong:${profileId}`)).status).toBe(502);
    expect(live.sent).toHaveLength(2);
  });
});

describe.skipIf(servers === undefined)('the gateway in front of a real Keystone', () => {
  const run = `live-${Date.now()}`;
  let projectId = '';

  beforeAll(async () => {
    live = await createLiveGateway(servers ?? {});
    projectId = await live.createProject(run);
    await live.createProject(`${run}-taken`);
  }, 60_000);

  it('renames, describes, suspends and clears', async () => {
    const patch = { name: `${run}-new`, description: 'by the gateway', status: 'inactive' };
    const written = await live.call('PATCH', `iam-live:${projectId}`, JSON.stringify(patch));
    expect(written.body.profile).toMatchObject(patch);
    expect(written.body.write).toMatchObject({ outcome: 'applied', atomic: true });
    const cleared = await live.call(
      'PATCH',
      `iam-live:${projectId}`,
      '{"description":null,"status":"active"}',
    );
    expect(cleared.body.profile).not.toHaveProperty('description');
    expect(cleared.body.profile?.status).toBe('active');
  });

  it('tells a name that is taken as a conflict', async () => {
    const answer = await live.call('PATCH', `iam-live:${projectId}`, `{"name":"${run}-taken"}`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', outcome: 'rejected' } });
  });

  it.each(['%25', '7', 'admin'])('refuses the id %s', async (id) => {
    live.sent.length = 0;
    const answer = await live.call('PATCH', `iam-live:${id}`, '{"description":"x"}');
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_id' } });
    expect(live.sent).toEqual([]);
  });
});
