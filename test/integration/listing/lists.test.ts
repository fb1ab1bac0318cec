import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOREIGN_PROFILE_ID } from '../../../adapters/senlin/sandbox/seed.ts';
import {
  isObject,
  type Json,
  type JsonObject,
  mergePatch,
  pointerTokens,
} from '../../../src/adapter-kit/index.ts';
import { type Answer, call, expectProblem, read } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { keystoneTarget } from '../../support/profiles.ts';

const TARGETS = ['senlin-demo', 'nerm-demo', 'iam-demo', 'naver-demo', 'keystone-demo'];
const KEYS = { all: 'all-key-that-is-not-real', one: 'one-key-that-is-not-real' };
const callers = {
  all: { key: KEYS.all, scopes: ['profiles:read'] },
  one: { key: KEYS.one, scopes: ['profiles:read'], targets: ['nerm-*'] },
  writer: { key: 'writer-key-that-is-not-real', scopes: ['profiles:write'] },
};
const all = { authorization: `Bearer ${KEYS.all}` };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ callers, targets: { 'keystone-demo': keystoneTarget } });
});
afterAll(() => gateway.stop());

const list = (query: string, headers: Readonly<Record<string, string>> = all) =>
  call(gateway.origin, `/profiles?${query}`, { headers });

function profilesOf({ json, status, text }: Answer): JsonObject[] {
  expect(status, text).toBe(200);
  return Array.isArray(json.profiles) ? json.profiles.filter(isObject) : [];
}

/** The merge patch that takes a member away. */
function without(pointer: string): Json {
  return pointerTokens(pointer).reduceRight<Json>((inner, token) => ({ [token]: inner }), null);
}

describe('a list', () => {
  it.each(TARGETS)('of %s has what a read shows, less what it says it omits', async (target) => {
    const answer = await list(`target=${target}`);
    const profiles = profilesOf(answer);
    expect(profiles.length).toBeGreaterThan(0);
    expect(answer.json.target).toBe(target);
    const omitted = Array.isArray(answer.json.omitted) ? answer.json.omitted : [];
    for (const profile of profiles) {
      const shown = (await read(gateway.origin, String(profile.id), all)).json.profile;
      const expected = omitted.reduce<Json>(
        (rest, pointer) => mergePatch(rest, without(String(pointer))),
        shown ?? null,
      );
      expect(profile).toEqual(expected);
    }
  });

  it.each([
    ['senlin-demo', 'name=test_prof1', 1],
    ['senlin-demo', 'name=TEST_PROF1', 0],
    ['senlin-demo', 'extensions.senlin.type=os.heat.stack-1.0', 1],
    ['senlin-demo', 'extensions.senlin.type=os.nova.server-1.0', 0],
    ['nerm-demo', 'status=active', undefined],
    ['nerm-demo', 'status=terminated', 0],
    ['naver-demo', 'name=profile000', 1],
    ['naver-demo', 'name=profile', 0],
    ['naver-demo', `name=${encodeURIComponent('빌드서버')}`, 1],
    ['iam-demo', 'name=eu-de_demo', 1],
    ['iam-demo', 'extensions.iam.parent_id=7c6b5a4938271605f4e3d2c1b0a99887', 2],
    ['keystone-demo', 'status=inactive', 0],
    ['keystone-demo', 'name=demo', 1],
    ['keystone-demo', 'extensions.iam.domain_id=default&name=demo', 1],
    ['keystone-demo', 'extensions.iam.tags=none', 0],
  ])('of %s by %s', async (target, query, count) => {
    const answer = await list(`target=${target}&${query}`);
    const profiles = profilesOf(answer);
    if (count === undefined) expect(profiles.length).toBeGreaterThan(0);
    else expect(profiles).toHaveLength(count);
  });

  it('shows no profile of another project', async () => {
    expect((await list('target=senlin-demo')).text).not.toContain(FOREIGN_PROFILE_ID);
  });

  it('leads to the next page by a link', async () => {
    const first = await list('target=naver-demo&limit=2');
    expect(profilesOf(first)).toHaveLength(2);
    const [, path = ''] = /^<(.*)>; rel="next"$/.exec(String(first.headers.link)) ?? [];
    expect(path).toContain(encodeURIComponent(String(first.json.next)));
    const second = await call(gateway.origin, path, { headers: all });
    expect(profilesOf(second)).toHaveLength(1);
    expect(second.headers.link).toBeUndefined();
    expect(second.json.next).toBeUndefined();
  });
});

describe('a list is refused', () => {
  it.each([
    ['', 'invalid_filter'],
    ['target=nerm-demo&target=senlin-demo', 'invalid_filter'],
    ['target=nerm-demo&limit=0', 'invalid_filter'],
    ['target=nerm-demo&limit=501', 'invalid_filter'],
    ['target=nerm-demo&limit=x', 'invalid_filter'],
    ['target=nerm-demo&color=red', 'invalid_filter'],
    ['target=nerm-demo&name=', 'invalid_filter'],
    ['target=nerm-demo&name=a&name=b', 'invalid_filter'],
    ['target=nerm-demo&name=a%00', 'invalid_filter'],
    ['target=nerm-demo&status=gone', 'invalid_filter'],
    ['target=nerm-demo&extensions.nerm.profile_type_id=x', 'invalid_filter'],
    ['target=senlin-demo&status=active', 'invalid_filter'],
    ['target=nerm-demo&cursor=x', 'invalid_cursor'],
    ['target=nerm-demo&cursor=x.y', 'invalid_cursor'],
    [`target=nerm-demo&cursor=${'x'.repeat(9000)}`, 'invalid_cursor'],
  ])('%s', async (query, code) => {
    const before = gateway.upstream.length;
    expectProblem(await list(query), 400, code);
    expect(gateway.upstream.length).toBe(before);
  });

  it('of a target that is not there, or not the caller’s', async () => {
    expectProblem(await list('target=nowhere'), 404, 'unknown_target');
    const one = { authorization: `Bearer ${KEYS.one}` };
    expectProblem(await list('target=senlin-demo', one), 403, 'forbidden');
    expectProblem(await list('target=nowhere', one), 403, 'forbidden');
    expect((await list('target=nerm-demo', one)).status).toBe(200);
  });

  it('without the scope', async () => {
    const writer = { authorization: 'Bearer writer-key-that-is-not-real' };
    expectProblem(await list('target=nerm-demo', writer), 403, 'forbidden');
  });

  it('with the cursor of another list', async () => {
    const { next } = (await list('target=naver-demo&limit=1')).json;
    const cursor = encodeURIComponent(String(next));
    expect((await list(`target=naver-demo&limit=1&cursor=${cursor}`)).status).toBe(200);
    for (const query of ['limit=2', 'limit=1&name=profile000']) {
      const answer = await list(`target=naver-demo&${query}&cursor=${cursor}`);
      expectProblem(answer, 400, 'invalid_cursor');
    }
    const other = await list(`target=nerm-demo&limit=1&cursor=${cursor}`);
    expectProblem(other, 400, 'invalid_cursor');
    const altered = `${cursor.startsWith('a') ? 'b' : 'a'}${cursor.slice(1)}`;
    const answer = await list(`target=naver-demo&limit=1&cursor=${altered}`);
    expectProblem(answer, 400, 'invalid_cursor');
  });
});

describe('capabilities', () => {
  it.each(TARGETS)('say what the list of %s has', async (target) => {
    const { json } = await call(gateway.origin, `/capabilities/${target}`, { headers: all });
    expect(json.operations).toMatchObject({
      list: { completeness: expect.any(String), pageSizeMax: expect.any(Number) },
    });
  });
});
