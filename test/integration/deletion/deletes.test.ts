import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEEDED } from '../../../adapters/iam/sandbox/projects.ts';
import { CHILD_PROJECT_ID } from '../../../adapters/keystone/sandbox/seed.ts';
import { call, expectProblem, patch, read } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { iamTarget, keystoneTarget, naverTarget } from '../../support/profiles.ts';

const KEY = 'delete-key-that-is-not-real';
const callers = {
  all: { key: KEY, scopes: ['profiles:read', 'profiles:write', 'profiles:delete'] },
  one: { key: 'one-key-that-is-not-real', scopes: ['profiles:delete'], targets: ['nerm-*'] },
  writer: { key: 'writer-key-that-is-not-real', scopes: ['profiles:read', 'profiles:write'] },
};
const all = { authorization: `Bearer ${KEY}` };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    callers,
    targets: {
      'keystone-demo': keystoneTarget,
      'otc-delete': (origin) => ({ ...iamTarget()(origin), allowDelete: true }),
      'naver-off': naverTarget({ mode: 'read_only' }),
    },
  });
});
afterAll(() => gateway.stop());

type Headers = Readonly<Record<string, string>>;
const remove = (id: string, headers: Headers = all) =>
  call(gateway.origin, `/profiles/${id}`, { method: 'DELETE', headers });

let count = 0;
/** The id of a new profile at a target of the vendor. */
function seeded(vendor: string, target = `${vendor}-demo`, resource = {}): string {
  count += 1;
  const uuid = `${String(count).padStart(8, '0')}-0000-4000-8000-00000000feed`;
  const isProject = vendor === 'iam' || vendor === 'keystone';
  const id = isProject ? uuid.replaceAll('-', '') : uuid;
  gateway.sandbox(vendor).seed(id, { ...(vendor === 'naver' && { enabled: false }), ...resource });
  return `${target}:${id}`;
}

const VENDORS: readonly [string, string][] = [
  ['senlin', 'senlin-demo'],
  ['nerm', 'nerm-demo'],
  ['naver', 'naver-demo'],
  ['keystone', 'keystone-demo'],
  ['iam', 'otc-delete'],
];

describe('a delete', () => {
  it.each(VENDORS)('at %s is done, and a second one is 404', async (vendor, target) => {
    const id = seeded(vendor, target);
    const other = seeded(vendor, target);
    const answer = await remove(id);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expect(answer.headers['x-write-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(gateway.logs.at(-1)).toMatchObject({
      method: 'DELETE',
      outcome: 'applied',
      evidence: 'response',
      writeId: answer.headers['x-write-id'],
    });
    expectProblem(await remove(id), 404, 'profile_not_found');
    expectProblem(await read(gateway.origin, id, all), 404, 'profile_not_found');
    expect((await read(gateway.origin, other, all)).status).toBe(200);
    const list = await call(gateway.origin, `/profiles?target=${target}`, { headers: all });
    expect(list.text).not.toContain(id);
    expect(list.text).toContain(other);
  });

  it('needs the tag that If-Match names', async () => {
    const id = seeded('nerm');
    const { headers } = await read(gateway.origin, id, all);
    await patch(gateway.origin, id, { status: 'on_leave' }, all);
    const old = { ...all, 'if-match': String(headers.etag) };
    const answer = await remove(id, old);
    expectProblem(answer, 412, 'precondition_failed');
    expect((await remove(id, { ...all, 'if-match': String(answer.headers.etag) })).status).toBe(
      204,
    );
    expectProblem(await remove(id, { ...all, 'if-match': 'x' }), 412, 'precondition_failed');
  });
});

describe('a delete is refused', () => {
  it('without the scope, and at targets of others', async () => {
    const id = seeded('senlin');
    const writer = { authorization: 'Bearer writer-key-that-is-not-real' };
    expectProblem(await remove(id, writer), 403, 'forbidden');
    const one = { authorization: 'Bearer one-key-that-is-not-real' };
    expectProblem(await remove(id, one), 403, 'forbidden');
    expect((await remove(seeded('nerm'), one)).status).toBe(204);
    const reading = await read(gateway.origin, seeded('nerm'), one);
    expectProblem(reading, 403, 'forbidden');
    expect((await read(gateway.origin, id, all)).status).toBe(200);
  });

  it('where the target does not delete, with those that do', async () => {
    const before = gateway.upstream.length;
    const answer = await remove(`iam-demo:${SEEDED.demo}`);
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.allow).toBe('GET, HEAD, PATCH, OPTIONS');
    expect(answer.json.supportedBy).toContain('otc-delete');
    expect(answer.json.supportedBy).not.toContain('iam-demo');
    expect(gateway.upstream.length).toBe(before);
  });

  it('where the target is read-only', async () => {
    const id = seeded('naver', 'naver-off');
    expectProblem(await remove(id), 503, 'target_read_only');
  });

  it.each([
    ['a child below it', 'keystone', 'not a leaf'],
    ['that it cannot be changed', 'immutable', 'Unable to delete immutable'],
    ['a cluster that uses it', 'senlin', 'still referenced'],
    ['that it is enabled', 'naver', 'enabled'],
  ])('by the vendor for %s, in its own words', async (_, kind, words) => {
    const id = blocked(kind);
    const answer = await remove(id);
    expectProblem(answer, 409, 'conflict');
    expect(answer.json).toMatchObject({ outcome: 'rejected' });
    expect(JSON.stringify(answer.json.upstream)).toContain(words);
    expect((await read(gateway.origin, id, all)).status).toBe(200);
  });

  it('for what the vendor has built in, before it is sent', async () => {
    for (const id of [SEEDED.regionDefault, SEEDED.objectStorage]) {
      const before = gateway.upstream.length;
      expectProblem(await remove(`otc-delete:${id}`), 409, 'conflict');
      expect(gateway.upstream.slice(before).every(({ method }) => method !== 'DELETE')).toBe(true);
    }
  });
});

/** The id of a profile that the vendor does not delete. */
function blocked(kind: string): string {
  if (kind === 'keystone') {
    const parent = gateway.sandbox('keystone').stored(CHILD_PROJECT_ID)?.parent_id;
    return `keystone-demo:${parent}`;
  }
  if (kind === 'immutable') {
    return seeded('keystone', 'keystone-demo', { options: { immutable: true } });
  }
  if (kind === 'senlin') return seeded('senlin', 'senlin-demo', { in_use: true });
  return seeded('naver', 'naver-demo', { enabled: true });
}
