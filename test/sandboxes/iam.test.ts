import { beforeEach, describe, expect, test } from 'vitest';
import {
  DOMAIN_ID,
  gateway,
  ID,
  iam,
  keystone,
  ORIGIN,
  patch,
  restart,
  send,
  setStatus,
  token,
  world,
} from './iam-client.ts';

beforeEach(() => restart());

describe('projects', () => {
  test('a PATCH answers the whole project without status, and is stored', async () => {
    const { status, body } = await patch({ name: 'eu-de_demo2', description: 'gateway demo' });
    expect(status).toBe(200);
    expect(body).toEqual({
      project: {
        id: ID,
        name: 'eu-de_demo2',
        description: 'gateway demo',
        enabled: true,
        is_domain: false,
        parent_id: '7c6b5a4938271605f4e3d2c1b0a99887',
        domain_id: DOMAIN_ID,
        links: { self: `${ORIGIN}/iam/v3/projects/${ID}` },
      },
    });
    expect(world.sandbox.stored(ID)).toMatchObject({ name: 'eu-de_demo2', status: 'normal' });
    expect((await send(`/v3/projects/${ID}`, { headers: await token() })).body.project).toEqual({
      ...body.project,
      links: { ...body.project.links, previous: null, next: null },
    });
  });

  test('fields that are not sent are kept, and an empty description clears', async () => {
    await patch({ description: 'gateway demo' });
    expect((await patch({ name: 'eu-de_x' })).body.project.description).toBe('gateway demo');
    expect((await patch({ description: '' })).body.project).toMatchObject({
      name: 'eu-de_x',
      description: '',
    });
  });

  test.each([
    ['no field', {}],
    ['no object', 'x'],
    ['a null project', null],
    ['a null name', { name: null }],
    ['a null description', { description: null }],
    ['a number', { description: 1 }],
    ['enabled', { description: 'x', enabled: false }],
    ['no region part', { name: 'demo' }],
    ['an empty region part', { name: '_demo' }],
    ['an empty rest', { name: 'eu-de_' }],
    ['an umlaut', { name: 'eu-de_dämo' }],
    ['a blank', { name: 'eu-de_a b' }],
    ['a dot', { name: 'eu-de_a.b' }],
    ['a trailing newline', { name: 'eu-de_a\n' }],
    ['65 characters', { name: `eu-de_${'x'.repeat(59)}` }],
    ['256 characters of description', { description: 'é'.repeat(256) }],
  ])('400 for %s, and nothing is stored', async (_what, project) => {
    const { status, body } = await patch(project);
    expect([status, body]).toEqual([400, keystone(400)]);
    expect(world.sandbox.journal()).toEqual([]);
  });

  test('64 characters of name and 255 code points of description are taken', async () => {
    const name = `eu-de_${'x'.repeat(58)}`;
    expect((await patch({ name, description: '\u{1f600}'.repeat(255) })).status).toBe(200);
  });

  test('another region part is 400 with the body null', async () => {
    const { status, body } = await patch({ name: 'eu-nl_demo', description: 'x' });
    expect([status, body]).toEqual([400, null]);
    expect(world.sandbox.stored(ID)).toMatchObject({ name: 'eu-de_demo', description: '' });
  });

  test('a name in use is 409, the own name is not', async () => {
    const { status, body } = await patch({ name: 'eu-de_taken' });
    expect([status, body]).toEqual([409, keystone(409)]);
    expect((await patch({ name: 'eu-de_demo' })).status).toBe(200);
  });

  test('built-in projects take a description but no name, the domain takes nothing', async () => {
    const regionDefault = '7c6b5a4938271605f4e3d2c1b0a99887';
    expect((await patch({ description: 'x' }, regionDefault)).status).toBe(200);
    expect((await patch({ name: 'eu-de_x' }, regionDefault)).status).toBe(400);
    const mos = await send('/v3/projects/9f8e7d6c5b4a39281706f5e4d3c2b1a0', {
      headers: await token(),
    });
    expect(mos.body.project).toMatchObject({ name: 'MOS', parent_id: DOMAIN_ID });
    expect((await patch({ description: 'x' }, DOMAIN_ID)).status).toBe(403);
    const domain = await send(`/v3/projects/${DOMAIN_ID}`, { headers: await token() });
    expect(domain.body.project).toMatchObject({ is_domain: true, parent_id: null });
  });

  test('a project scope may read but not modify, nor see the status', async () => {
    const headers = await token({ project: { id: ID } });
    expect((await send(`/v3/projects/${ID}`, { headers })).status).toBe(200);
    const body = { project: { description: 'x' } };
    const refused = await send(`/v3/projects/${ID}`, { method: 'PATCH', headers, body });
    expect([refused.status, refused.body]).toEqual([403, keystone(403)]);
    const status = await send(`/v3-ext/projects/${ID}`, { headers });
    expect([status.status, status.body]).toEqual([403, iam('IAM.0002')]);
  });

  test('an unknown project is 404 in the shape of its path', async () => {
    const found = await patch({ description: 'x' }, 'none');
    expect([found.status, found.body]).toEqual([404, keystone(404)]);
    const read = await send('/v3/projects/none', { headers: await token() });
    expect([read.status, read.body]).toEqual([404, keystone(404)]);
    const status = await setStatus('normal', 'none');
    expect([status.status, status.body]).toEqual([404, iam('IAM.0004')]);
  });

  test.each([
    ['GET', '/projects/x'],
    ['PUT', `/v3/projects/${ID}`],
    ['GET', `/v3/projects/${ID}/`],
    ['PATCH', `/v3-ext/projects/${ID}`],
    ['GET', ''],
  ])('%s %s is not published', async (method, path) => {
    const { status, body } = await send(path, { method });
    expect([status, body]).toEqual([404, gateway('APIGW.0101')]);
  });
});

describe('bodies', () => {
  const raw = async (body: string, headers: Record<string, string> = {}) =>
    send(`/v3/projects/${ID}`, {
      method: 'PATCH',
      headers: { ...(await token()), ...headers },
      body,
    });

  test('over 32 KB is IAM.1101, over 12 MB never reaches IAM', async () => {
    const padded = (bytes: number) => '{"project":{"description":"x"}}'.padEnd(bytes);
    expect((await raw(padded(32 * 1024))).status).toBe(200);
    const over = await raw(padded(32 * 1024 + 1));
    expect([over.status, over.body]).toEqual([400, iam('IAM.1101')]);
    expect((await raw(padded(12 * 1024 * 1024 + 1))).status).toBe(413);
  });

  test('an empty body, no JSON, another content type are 400', async () => {
    expect((await raw('')).body).toEqual(iam('IAM.1102'));
    expect((await raw('{')).body).toEqual(keystone(400));
    const valid = '{"project":{"description":"x"}}';
    for (const type of ['text/plain', 'application/merge-patch+json']) {
      expect((await raw(valid, { 'content-type': type })).body).toEqual(keystone(400));
    }
    expect((await raw(valid, { 'content-type': 'application/json;charset=utf8' })).status).toBe(
      200,
    );
  });
});

describe('status', () => {
  test('suspended shows in /v3-ext alone, and enabled stays true', async () => {
    const { status, body } = await setStatus('suspended');
    expect([status, body]).toEqual([204, undefined]);
    const headers = await token();
    const extended = await send(`/v3-ext/projects/${ID}`, { headers });
    expect(extended.body.project).toMatchObject({
      status: 'suspended',
      suspended_time: '2026-01-05T09:00:00.000Z',
      enabled: true,
    });
    expect(extended.body.project).not.toHaveProperty('links');
    const plain = await send(`/v3/projects/${ID}`, { headers });
    expect(plain.body.project.enabled).toBe(true);
    expect(plain.body.project).not.toHaveProperty('status');
    expect(plain.body.project).not.toHaveProperty('suspended_time');
    expect((await setStatus('normal')).status).toBe(204);
    expect(world.sandbox.stored(ID)).not.toHaveProperty('suspended_time');
  });

  test('other values and a project scope are refused', async () => {
    for (const status of ['Suspended', '', null, undefined, true]) {
      const refused = await setStatus(status);
      expect([refused.status, refused.body]).toEqual([400, iam('IAM.0007')]);
    }
    expect((await setStatus('suspended', ID, { project: { id: ID } })).status).toBe(403);
    expect((await setStatus('suspended', DOMAIN_ID)).status).toBe(403);
  });
});

describe('the side door for tests', () => {
  test('the journal holds effective changes only, with their author', async () => {
    await patch({ description: 'one' });
    await patch({ description: 'one' });
    world.sandbox.outsideWrite(ID, { description: 'two' });
    const seen = world.sandbox
      .journal()
      .map(({ sequence, by, id, before, after }) => [
        sequence,
        by,
        id,
        before.description,
        after.description,
      ]);
    expect(seen).toEqual([
      [1, 'request', ID, '', 'one'],
      [2, 'outside', ID, 'one', 'two'],
    ]);
  });

  test('a seeded project lies over the defaults', async () => {
    world.sandbox.seed('p2', { name: 'eu-nl_two', extra: { a: 1 } });
    const { body } = await send('/v3/projects/p2', { headers: await token() });
    expect(body.project).toMatchObject({ id: 'p2', name: 'eu-nl_two', extra: { a: 1 } });
    expect(() => world.sandbox.outsideWrite('none', {})).toThrow(RangeError);
  });

  test('the demo is a configuration, an id and a patch that the sandbox takes', async () => {
    const { demo } = world.sandbox;
    expect(demo?.configuration(ORIGIN)).toMatchObject({ vendor: 'iam', baseUrl: `${ORIGIN}/iam` });
    expect((await patch(demo?.patch, demo?.id)).status).toBe(200);
  });
});
