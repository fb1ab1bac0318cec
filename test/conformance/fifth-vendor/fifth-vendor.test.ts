import { describe, expect, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { createSandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { supportTable } from '../../../src/adapter-kit/field-capability.ts';
import { type JsonObject, ownObject } from '../../../src/adapter-kit/index.ts';
import { createInMemoryGateway, NOW_MS, UPSTREAM } from '../../support/in-memory.ts';
import { IAM, NERM } from '../../support/profiles.ts';
import acme from './acme/index.ts';
import { createSandbox, SEEDED_ID } from './acme/sandbox/index.ts';

const ID = `acme-demo:${SEEDED_ID}`;
const PATH = `/profiles/${ID}`;
const lenient = { prefer: 'handling=lenient' };

/** The gateway with all vendors and one more, each answering from its sandbox. */
async function start(seeded: JsonObject = {}) {
  const set = createSandboxSet(() => NOW_MS, sandboxes);
  const sandbox: Sandbox = createSandbox({ basePath: '/acme', now: () => NOW_MS, peer: noPeer });
  if (sandbox.demo === undefined) throw new Error('no demo');
  if (Object.keys(seeded).length > 0) sandbox.seed(SEEDED_ID, seeded);
  const gateway = await createInMemoryGateway({
    adapters: [...adapters, acme],
    document: sandboxConfiguration({ ...set, demos: [...set.demos, sandbox.demo] }, UPSTREAM),
    fetch: (request) =>
      (new URL(request.url).pathname.startsWith('/acme/') ? sandbox : set).fetch(request),
  });
  const writes = () =>
    gateway.sent.filter(({ method }) => method === 'PUT').map(({ path, body }) => [path, body]);
  return { ...gateway, sandbox, writes };
}

function noPeer(): never {
  throw new Error('shares its accounts with nobody');
}

test('a profile reads in canonical terms', async () => {
  const { ask } = await start();
  const { body, status } = await ask('GET', PATH);
  expect(status).toBe(200);
  expect(body.profile).toEqual({
    id: ID,
    target: 'acme-demo',
    vendor: 'acme',
    upstreamId: SEEDED_ID,
    name: 'First label',
    status: 'active',
    attributes: { site: 'north', desk: '4' },
    extensions: { acme: { grade: 3, series: 'archive', revision: 41 } },
    createdAt: '2023-11-14T22:13:20.000Z',
    updatedAt: '2023-11-14T22:21:40.250Z',
  });
});

test('a patch goes out as the whole row, what no field declares included', async () => {
  const { ask, sandbox, writes } = await start();
  const { body, headers } = await ask('PATCH', PATH, {
    body: {
      name: 'Second',
      attributes: { desk: null, floor: '2' },
      extensions: { acme: { grade: 8 } },
    },
  });
  expect(body.write).toMatchObject({ outcome: 'applied', atomic: true, unconfirmed: [] });
  const row =
    '{"key":"ABC-1234","series":"ABC","label":"Second","state":10,' +
    '"tags":{"site":"north","floor":"2"},"grade":8,"ledger":{"page":7},' +
    '"weight":1.50,"revision":41,' +
    '"created_ms":1700000000000,"changed_ms":1700000500250}';
  expect(writes()).toEqual([[`/acme/v2/rows/${SEEDED_ID}`, row]]);
  expect(JSON.stringify(sandbox.stored(SEEDED_ID))).toContain('"weight":1.50');
  const read = await ask('GET', PATH);
  expect(read.body.profile).toEqual(body.profile);
  expect(read.headers.get('etag')).toBe(headers.get('etag'));
});

test('null clears as the vendor has it: a value, a key, a map', async () => {
  const { ask, sandbox } = await start();
  const { body } = await ask('PATCH', PATH, {
    body: { attributes: null, extensions: { acme: { grade: null } } },
  });
  expect(body.write).toMatchObject({ outcome: 'applied', unconfirmed: [] });
  const { grade, tags } = sandbox.stored(SEEDED_ID) ?? {};
  expect({ grade, tags }).toEqual({ grade: null, tags: {} });
  expect(ownObject(body, 'profile')?.extensions).toEqual({
    acme: { series: 'archive', revision: 42 },
  });
});

test('what is there already is a noop', async () => {
  const { ask, writes } = await start();
  const { body } = await ask('PATCH', PATH, { body: { name: 'First label', status: 'active' } });
  expect(body.write).toMatchObject({ outcome: 'noop' });
  expect(writes()).toEqual([]);
});

describe('two writes', () => {
  test('lock last', async () => {
    const { ask, sandbox, writes } = await start();
    const { body } = await ask('PATCH', PATH, { body: { status: 'inactive', name: 'Second' } });
    expect(body.write).toMatchObject({ outcome: 'applied', atomic: false });
    expect(writes().map(([path]) => path)).toEqual([
      `/acme/v2/rows/${SEEDED_ID}`,
      `/acme/v2/rows/${SEEDED_ID}/state`,
    ]);
    expect(sandbox.stored(SEEDED_ID)).toMatchObject({ label: 'Second', state: 20 });
  });

  test('open first', async () => {
    const { ask, sandbox, writes } = await start({ state: 20 });
    const { body } = await ask('PATCH', PATH, { body: { name: 'Second', status: 'active' } });
    expect(body.write).toMatchObject({ outcome: 'applied', atomic: false });
    expect(writes().map(([path]) => path)).toEqual([
      `/acme/v2/rows/${SEEDED_ID}/state`,
      `/acme/v2/rows/${SEEDED_ID}`,
    ]);
    expect(sandbox.stored(SEEDED_ID)).toMatchObject({ label: 'Second', state: 10 });
  });

  test('are refused where one is wanted', async () => {
    const { ask, sent } = await start();
    const body = { name: 'Second', status: 'inactive' };
    const answer = await ask('PATCH', PATH, { body, headers: { prefer: 'atomic' } });
    expect(answer).toMatchObject({ status: 422, body: { code: 'not_atomic' } });
    expect(sent).toEqual([]);
  });

  test('end as partial when the vendor takes only the first', async () => {
    const { ask, sandbox } = await start({ state: 20 });
    sandbox.seed('XYZ-0001', { label: 'Taken' });
    const answer = await ask('PATCH', PATH, { body: { name: 'Taken', status: 'active' } });
    expect(answer).toMatchObject({
      status: 502,
      body: {
        code: 'partially_applied',
        outcome: 'partial',
        applied: ['/status'],
        notApplied: ['/name'],
        upstream: { status: 409, code: '4091', message: 'the label is taken' },
      },
    });
  });
});

test('what does not fit the profile as it is now is told before it is sent', async () => {
  const { ask, writes } = await start({ state: 20 });
  const answer = await ask('PATCH', PATH, { body: { name: 'Second' } });
  expect(answer).toMatchObject({ status: 422, body: { code: 'unsupported_patch' } });
  expect(answer.body.errors).toMatchObject([{ pointer: '/name', code: 'rejected' }]);
  expect(writes()).toEqual([]);
});

test('strict refuses what lenient drops or turns into text', async () => {
  const { ask, sandbox, sent } = await start();
  const body = {
    description: 'no such member',
    status: 'on_leave',
    attributes: { desk: 5 },
    extensions: { acme: { grade: 12 }, nerm: { archived: true } },
  };
  const strict = await ask('PATCH', PATH, { body });
  expect(strict).toMatchObject({ status: 422, body: { code: 'unsupported_patch' } });
  expect(strict.body.errors).toMatchObject([
    { pointer: '/description', supportedBy: ['iam-demo', 'naver-demo'] },
    { pointer: '/status', supportedBy: ['nerm-demo'] },
    { pointer: '/attributes/desk', code: 'wrong_type', supportedBy: ['senlin-demo'] },
    { pointer: '/extensions/acme/grade', code: 'constraint_violated', supportedBy: [] },
    { pointer: '/extensions/nerm/archived', supportedBy: ['nerm-demo'] },
  ]);
  expect(sent).toEqual([]);
  const { body: done } = await ask('PATCH', PATH, { body, headers: lenient });
  expect(done.write).toMatchObject({
    outcome: 'applied',
    losses: [
      { pointer: '/attributes/desk', kind: 'coerced' },
      { pointer: '/description', kind: 'dropped' },
      { pointer: '/status', kind: 'dropped' },
      { pointer: '/extensions/acme/grade', kind: 'dropped' },
      { pointer: '/extensions/nerm/archived', kind: 'dropped' },
    ],
  });
  expect(sandbox.stored(SEEDED_ID)).toMatchObject({ tags: { site: 'north', desk: '5' }, grade: 3 });
});

test('the other vendors name it as the one that could take a field', async () => {
  const { ask } = await start();
  const { body } = await ask('PATCH', `/profiles/${NERM}`, {
    body: { extensions: { acme: { grade: 4 } } },
  });
  expect(body.errors).toMatchObject([
    { pointer: '/extensions/acme/grade', code: 'unsupported_field', supportedBy: ['acme-demo'] },
  ]);
  const attributes = await ask('PATCH', `/profiles/${IAM}`, { body: { attributes: { a: 'b' } } });
  expect(attributes.body.errors).toMatchObject([
    { supportedBy: expect.arrayContaining(['acme-demo', 'nerm-demo', 'senlin-demo']) },
  ]);
});

test('its extension belongs to the patch model, and only what it declares', async () => {
  const { ask } = await start();
  const unknown = await ask('PATCH', PATH, { body: { extensions: { acme: { colour: 'red' } } } });
  expect(unknown).toMatchObject({ status: 422, body: { code: 'invalid_patch' } });
  const readOnly = await ask('PATCH', PATH, { body: { extensions: { acme: { revision: 1 } } } });
  expect(readOnly.body.errors).toMatchObject([{ code: 'read_only' }]);
  const { ask: without } = await createInMemoryGateway({
    document: sandboxConfiguration(createSandboxSet(Date.now, sandboxes), UPSTREAM),
    fetch: noPeer,
  });
  const stranger = await without('PATCH', `/profiles/${NERM}`, {
    body: { extensions: { acme: { grade: 4 } } },
  });
  expect(stranger).toMatchObject({ status: 422, body: { code: 'invalid_patch' } });
});

test.each(['abc-1234', 'ABC-123', 'ABC-12345', 'ABC-1234/state'])(
  'the id %s is refused before anything is sent',
  async (id) => {
    const { ask, sent } = await start();
    const { body } = await ask('GET', `/profiles/acme-demo:${encodeURIComponent(id)}`);
    expect(body.code).toBe('invalid_id');
    expect(sent).toEqual([]);
  },
);

test('an id that nobody has is 404', async () => {
  const { ask } = await start();
  const answer = await ask('PATCH', '/profiles/acme-demo:ZZZ-0000', { body: { name: 'x' } });
  expect(answer).toMatchObject({ status: 404, body: { code: 'profile_not_found' } });
});

test('capabilities and the support table have it', async () => {
  const { fields, ...body } = (await (await start()).ask('GET', '/capabilities/acme-demo')).body;
  expect(body).toMatchObject({ target: 'acme-demo', vendor: 'acme', atomic: false });
  expect(body.operations).toMatchObject({
    list: { pageSizeMax: 50, completeness: 'stable', omitted: ['/attributes'] },
    create: { repeat: 'conflict', settleSeconds: 10 },
    delete: { absence: 'deleted' },
  });
  expect(fields).toContainEqual({
    pointer: '/extensions/acme/grade',
    access: 'read_write',
    type: 'integer',
    minimum: 1,
    maximum: 9,
    description: '1 to 9',
    onNull: { send: null },
    confirmation: 'exact',
    step: 'profile',
    sensitive: false,
  });
  const table = supportTable([...adapters, acme].flatMap(({ fieldSets }) => fieldSets));
  const rows = table.split('\n');
  expect(rows[0]).toMatch(/\| acme \|$/);
  expect(rows.find((row) => row.includes('`/status`'))).toMatch(
    /\| string; one of active, inactive, terminated; null refused; a write of its own \|$/,
  );
  expect(rows.find((row) => row.includes('`/extensions/acme/grade`'))).toMatch(
    /\| integer; 1 to 9; null is sent as null \|$/,
  );
});

test('explain shows both writes, the key hidden', async () => {
  const { ask, sandbox } = await start();
  const { body, text } = await ask('POST', `${PATH}/explain?read=true`, {
    body: { status: 'inactive', name: 'Second' },
  });
  expect(body).toMatchObject({ prediction: 'write', atomic: false });
  expect(body.requests).toMatchObject([
    { step: 'read', method: 'GET' },
    {
      step: 'row',
      method: 'PUT',
      pointers: ['/name'],
      headers: { authorization: 'Bearer «secret:key»' },
      provenance: { '/label': '/name', '/weight': 'the adapter or the current profile' },
    },
    { step: 'state', pointers: ['/status'], body: '{"state":20}' },
  ]);
  expect(text).not.toContain('sandbox-acme-key');
  expect(sandbox.journal()).toEqual([]);
});
