import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call, expectProblem, MERGE_PATCH, part, patch, read } from '../../support/client.ts';
import { unusedOrigin } from '../../support/free-port.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../../support/gateway.ts';
import {
  changesSeen,
  NAVER,
  NERM,
  nermTarget,
  SENLIN,
  upstreamIdOf,
  writesSince,
} from '../../support/profiles.ts';
import { type BrokenUpstream, startBrokenUpstream } from '../http/broken-upstream.ts';

const SETTLED_MS = 100_000;
const [SENLIN_ID, NERM_ID, NAVER_ID] = [SENLIN, NERM, NAVER].map(upstreamIdOf);
const links = {
  'emp-17': { 'nerm-demo': NERM_ID ?? '', 'senlin-demo': SENLIN_ID ?? '' },
  'emp-18': { 'senlin-demo': SENLIN_ID ?? '' },
};

let broken: BrokenUpstream;
let gateway: RunningGateway;
let targets: NonNullable<GatewayOptions['targets']>;

beforeAll(async () => {
  broken = await startBrokenUpstream();
  const dead = await unusedOrigin();
  const main = { idNamespace: 'nerm-main', timeoutMs: 300 };
  const at = (way: string) => nermTarget({ ...main, baseUrl: `${broken.origin}/${way}` });
  targets = {
    'nerm-main': nermTarget({ idNamespace: 'nerm-main' }),
    'nerm-dead': nermTarget({ ...main, baseUrl: dead }),
    'nerm-silent': at('silent'),
    'nerm-reset': at('reset'),
    'nerm-unavailable': at('unavailable'),
    'nerm-drained': nermTarget({ ...main, mode: 'drained' }),
    'nerm-read': nermTarget({ ...main, mode: 'read_only' }),
    'nerm-stranger': nermTarget({ ...main }, 'wrong-token'),
  };
  gateway = await startGateway();
});
// A write that may still land keeps its profile from others until it is settled.
beforeEach(() => gateway.advance(SETTLED_MS));
afterAll(async () => {
  await gateway.stop();
  await broken.stop();
});

function serve(routes: NonNullable<GatewayOptions['routes']>): Promise<void> {
  return gateway.reload({ targets, routes, links });
}

async function nameOf(id: string): Promise<unknown> {
  return part(await read(gateway.origin, id), 'profile').name;
}

test('a linked profile is patched at the vendor its route names, and then at another', async () => {
  await serve([{ match: { id: 'emp-*' }, to: 'nerm-demo' }]);
  const before = await nameOf(SENLIN);
  const first = await patch(gateway.origin, 'emp-17', { name: 'First' });
  expect(first.json).toMatchObject({
    profile: { id: 'emp-17', target: 'nerm-demo', upstreamId: NERM_ID, name: 'First' },
    write: { outcome: 'applied', target: 'nerm-demo' },
  });
  expect([await nameOf(NERM), await nameOf(SENLIN)]).toEqual(['First', before]);
  expect((await read(gateway.origin, 'emp-17')).json.profile).toEqual(first.json.profile);

  await serve([{ match: { id: 'emp-*' }, to: 'senlin-demo' }]);
  const second = await patch(gateway.origin, 'emp-17', { name: 'Second' });
  expect(second.json).toMatchObject({
    profile: { id: 'emp-17', target: 'senlin-demo', upstreamId: SENLIN_ID, name: 'Second' },
    write: { outcome: 'applied', target: 'senlin-demo' },
  });
  expect([await nameOf(NERM), await nameOf(SENLIN)]).toEqual(['First', 'Second']);
  expect((await read(gateway.origin, 'emp-17')).json.profile).toEqual(second.json.profile);
});

test('what no rule takes, and what has no link there, is 404 and reaches nobody', async () => {
  await serve([{ match: { id: 'emp-*' }, to: 'nerm-demo' }]);
  const seen = gateway.upstream.length;
  for (const [id, code] of [
    ['crm-1', 'route_not_found'],
    ['emp-18', 'link_not_found'],
    ['emp:18', 'unknown_target'],
  ] as const) {
    expectProblem(await read(gateway.origin, id), 404, code);
    expectProblem(await patch(gateway.origin, id, { name: 'x' }), 404, code);
  }
  expect(gateway.upstream.length).toBe(seen);
});

test('headers and callers choose, for reads and writes alike, and a capture names', async () => {
  const scopes = ['profiles:read', 'profiles:write'];
  const callers = {
    'hr-one': { key: 'sandbox-key-of-hr-one', scopes },
    crm: { key: 'sandbox-key-of-crm', scopes: [...scopes, 'admin'] },
  };
  const routes = [
    { match: { id: 'p-{upstreamId}', header: { 'X-Tenant': 'ac*' } }, to: 'nerm-demo' },
    { match: { id: 'p-{upstreamId}', caller: 'hr-*' }, to: 'senlin-demo' },
    { match: { id: 'p-{upstreamId}-p' }, to: 'naver-demo' },
  ];
  await gateway.reload({ targets, routes, links, callers });
  const hr = { authorization: 'Bearer sandbox-key-of-hr-one' };
  const crm = { authorization: 'Bearer sandbox-key-of-crm' };
  for (const [id, headers, target] of [
    [`p-${NERM_ID}`, { ...hr, 'x-tenant': 'acme' }, 'nerm-demo'],
    [`p-${SENLIN_ID}`, hr, 'senlin-demo'],
    [`p-${SENLIN_ID}`, { ...hr, 'x-tenant': 'other' }, 'senlin-demo'],
    [`p-${NAVER_ID}-p`, crm, 'naver-demo'],
  ] as const) {
    const got = await read(gateway.origin, id, headers);
    expect(got.json.profile).toMatchObject({ id, target });
    const written = await patch(gateway.origin, id, {}, headers);
    expect(written.json.write).toMatchObject({ outcome: 'noop', target });
  }
  expectProblem(await read(gateway.origin, `p-${SENLIN_ID}`, crm), 404, 'route_not_found');

  const explained = await explain('p-x', { name: 'x' }, crm);
  expectProblem(explained, 404, 'route_not_found');
  expect(explained.json.route).toContainEqual({
    rule: 'routes.1',
    matched: false,
    reason: 'match.caller does not hold',
  });
  const hidden = await explain('q-x', { name: 'x' }, hr);
  expectProblem(hidden, 404, 'route_not_found');
  expect(hidden.json.route).toBeUndefined();
});

function explain(id: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const options = { method: 'POST', headers: { ...MERGE_PATCH, ...headers } };
  return call(gateway.origin, `/profiles/${id}/explain`, {
    ...options,
    body: JSON.stringify(body),
  });
}

test('the log names the rule, and explain says why', async () => {
  await serve([{ match: { id: 'x*' }, to: 'naver-demo' }, { to: 'nerm-demo' }]);
  await read(gateway.origin, 'emp-17');
  expect(gateway.logs.at(-1)).toMatchObject({ rule: 'routes.1', target: 'nerm-demo' });
  await read(gateway.origin, NERM);
  expect(gateway.logs.at(-1)?.rule).toBeUndefined();
  const answer = await explain('emp-17', { name: 'x' });
  expect(answer.json).toMatchObject({ target: 'nerm-demo', upstreamId: NERM_ID });
  expect(answer.json.route).toEqual([
    { rule: 'target:upstreamId', matched: false, reason: 'the id has no ":"' },
    { rule: 'routes.0', matched: false, reason: 'match.id does not hold' },
    { rule: 'routes.1', matched: true, reason: 'it has no conditions; it goes to nerm-demo' },
    { rule: 'links', matched: true, reason: 'the id has a link at nerm-demo' },
  ]);
});

test('handling: strict refuses what lenient handling would drop', async () => {
  const body = { name: 'Kept', status: 'active' };
  const lenient = { prefer: 'handling=lenient, return=minimal' };
  await serve([{ to: 'senlin-demo' }]);
  const loose = await patch(gateway.origin, 'emp-17', body, lenient);
  expect(loose.json.write).toMatchObject({ losses: [{ pointer: '/status', kind: 'dropped' }] });

  await serve([{ to: 'senlin-demo', handling: 'strict' }]);
  const seen = gateway.upstream.length;
  const refused = await patch(gateway.origin, 'emp-17', body, lenient);
  expectProblem(refused, 422, 'unsupported_patch');
  expect(refused.headers['preference-applied']).toBe('return=minimal');
  expect((await explain('emp-17', body)).json).toMatchObject({ prediction: 'rejected' });
  expect(gateway.upstream.length).toBe(seen);
  const taken = await patch(gateway.origin, 'emp-17', { name: 'Kept' }, lenient);
  expect(taken.status).toBe(200);
});

describe('a target that is', () => {
  test('read-only answers reads and refuses writes, however it is named', async () => {
    await serve([{ to: 'nerm-read', fallback: ['nerm-main'] }]);
    for (const id of [NERM_ID ?? '', `nerm-read:${NERM_ID}`]) {
      expect((await read(gateway.origin, id)).json.profile).toMatchObject({ target: 'nerm-read' });
      const seen = gateway.upstream.length;
      const refused = await patch(gateway.origin, id, { name: 'x' });
      expectProblem(refused, 503, 'target_read_only');
      expect(refused.json).toMatchObject({ outcome: 'rejected', target: 'nerm-read' });
      const explained = await explain(id, { name: 'x' });
      expect(explained.json).toMatchObject({
        prediction: 'rejected',
        problem: { code: 'target_read_only' },
      });
      expect(gateway.upstream.length).toBe(seen);
    }
  });

  test('drained is sent nothing, and no other rule is tried', async () => {
    await serve([{ match: { id: '*' }, to: 'nerm-drained' }, { to: 'nerm-main' }]);
    const seen = gateway.upstream.length;
    for (const id of [NERM_ID ?? '', `nerm-drained:${NERM_ID}`]) {
      expectProblem(await read(gateway.origin, id), 503, 'target_unavailable');
      expectProblem(await patch(gateway.origin, id, { name: 'x' }), 503, 'target_unavailable');
    }
    expect(gateway.upstream.length).toBe(seen);
  });

  test('drained lets the fallback of its rule serve', async () => {
    await serve([{ to: 'nerm-drained', fallback: ['nerm-main'] }]);
    const written = await patch(gateway.origin, NERM_ID ?? '', { name: 'By the other way' });
    expect(written.json).toMatchObject({
      profile: { target: 'nerm-main', name: 'By the other way' },
      write: { target: 'nerm-main', outcome: 'applied' },
    });
    expect(await nameOf(NERM_ID ?? '')).toBe('By the other way');
  });
});

describe('fallback', () => {
  const id = NERM_ID ?? '';

  test.each(['nerm-dead', 'nerm-silent', 'nerm-reset', 'nerm-unavailable', 'nerm-stranger'])(
    'serves a read that %s cannot',
    async (to) => {
      await serve([{ to, fallback: ['nerm-main'] }]);
      const answer = await read(gateway.origin, id);
      expect(answer.json.profile).toMatchObject({ id, target: 'nerm-main', upstreamId: id });
      const steps = gateway.logs.at(-1)?.steps ?? [];
      expect(steps.length).toBeGreaterThan(1);
    },
  );

  test('takes a write that surely never left', async () => {
    await serve([{ to: 'nerm-dead', fallback: ['nerm-drained', 'nerm-read', 'nerm-main'] }]);
    const written = await patch(gateway.origin, id, { name: 'Never left' });
    expect(written.json.write).toMatchObject({ outcome: 'applied', target: 'nerm-main' });
    expect(await nameOf(NERM)).toBe('Never left');
  });

  test.each([
    ['nerm-silent', 504],
    ['nerm-reset', 504],
    ['nerm-unavailable', undefined],
    ['nerm-stranger', 502],
  ])('takes no write that %s may have seen', async (to, status) => {
    await serve([{ to, fallback: ['nerm-main'] }]);
    const seen = gateway.upstream.length;
    const changes = changesSeen(gateway);
    const answer = await patch(gateway.origin, id, { name: `not-${to}` });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    if (status !== undefined) expect(answer.status).toBe(status);
    expect(answer.json.target).toBe(to);
    expect(writesSince(gateway, seen)).toEqual([]);
    expect(changesSeen(gateway)).toBe(changes);
  });

  test('is not for what the target says of the profile', async () => {
    const missing = '00000000-0000-4000-8000-00000000dead';
    await serve([{ to: 'nerm-main', fallback: ['nerm-dead'] }]);
    expectProblem(await read(gateway.origin, missing), 404, 'profile_not_found');
    const refused = await patch(gateway.origin, id, { status: 'asleep' });
    expect(refused.status).toBe(422);
    expect(refused.json.target ?? 'nerm-main').toBe('nerm-main');
  });

  test('is not for a rule that names none, nor for an id that names its target', async () => {
    await serve([{ to: 'nerm-dead' }]);
    expectProblem(await read(gateway.origin, id), 503, 'target_unavailable');
    await serve([{ to: 'nerm-dead', fallback: ['nerm-main'] }]);
    const answer = await patch(gateway.origin, `nerm-dead:${id}`, { name: 'x' });
    expectProblem(answer, 503, 'target_unavailable');
    expect(answer.json.target).toBe('nerm-dead');
  });
});
