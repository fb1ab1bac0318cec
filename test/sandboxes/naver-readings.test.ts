import { describe, expect, it } from 'vitest';
import type { Unkindness } from '../../adapters/sandbox-kit/unkind.ts';
import { DISABLED_ID, serviceError, start } from './naver-requests.ts';

const PROFILES = '/naver/api/v1/profiles';
const MISSING = `${PROFILES}/76da1a8c-0000-4000-8000-000000000000`;

/** What a fresh sandbox answers with modes. */
function answers(...modes: Unkindness[]) {
  const { clock, send } = start(modes);
  const list = async () => (await send({ path: `${PROFILES}?page=0&size=2` })).body;
  return {
    clock,
    list,
    missing: (method: string) => send({ method, path: MISSING }),
    create: (name: string) => send({ method: 'POST', path: PROFILES, body: { name } }),
    remove: () => send({ method: 'DELETE', path: `${PROFILES}/${DISABLED_ID}` }),
    isListed: async (name: string) => {
      const { body } = await send({ path: `${PROFILES}?searchColumn=name&searchWord=${name}` });
      return body.content.length === 1;
    },
  };
}

describe('where the documents of NAVER are silent', () => {
  it('a missing profile is 400, or 404', async () => {
    for (const method of ['GET', 'DELETE']) {
      const sent = await answers().missing(method);
      expect(sent).toMatchObject({ status: 400, body: serviceError });
      const other = await answers('missing_404').missing(method);
      expect(other).toMatchObject({ status: 404, body: serviceError });
    }
  });

  it('a delete answers with the profile, or 204', async () => {
    expect(await answers().remove()).toMatchObject({ status: 200, body: { enabled: false } });
    expect(await answers('no_body').remove()).toMatchObject({ status: 204, body: undefined });
  });

  it('the total is that of the page, or of all pages', async () => {
    expect(await answers().list()).toMatchObject({ totalElements: 2 });
    expect(await answers('whole_total').list()).toMatchObject({ totalElements: 3 });
  });

  it('a name is unique, or not', async () => {
    expect(await answers().create('profile000')).toMatchObject({ status: 400 });
    expect(await answers('twins').create('profile000')).toMatchObject({ status: 201 });
  });

  it('a list shows a new profile at once, or late', async () => {
    const kind = answers();
    await kind.create('brand-new');
    expect(await kind.isListed('brand-new')).toBe(true);
    const late = answers('late_reads');
    await late.create('brand-new');
    expect([await late.isListed('brand-new'), await late.isListed('profile000')]).toEqual([
      false,
      true,
    ]);
    late.clock.nowMs += 50_000;
    expect(await late.isListed('brand-new')).toBe(true);
  });
});
