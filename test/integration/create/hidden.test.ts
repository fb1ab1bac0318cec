import { describe, expect, it } from 'vitest';
import { isList, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { NEW_PROFILES, type Passage, startStage } from './stage.ts';

const isCreate = ({ method, url }: Request): boolean =>
  method === 'POST' && /\/(?:profiles|profile|v3\/projects)$/.test(new URL(url).pathname);
const isSearch = ({ method, url }: Request): boolean =>
  method === 'GET' && new URL(url).search.includes('name=');

/** A vendor whose list shows a new profile only after so long, and whose front treats creates. */
async function startLagging(
  lagMs: number,
  treat: (deliver: () => Promise<Response>) => Promise<Response>,
) {
  const stage = await startStage();
  let madeAtMs: number | undefined;
  const passage: Passage = async (request, deliver) => {
    if (isCreate(request)) {
      madeAtMs = stage.now();
      return treat(deliver);
    }
    const isHidden = madeAtMs !== undefined && stage.now() < madeAtMs + lagMs;
    if (!isSearch(request) || !isHidden) return deliver();
    const path = new URL(request.url).pathname;
    if (path.startsWith('/nerm/'))
      return Response.json({ error: 'no profiles found' }, { status: 400 });
    const member = path.endsWith('/projects') ? 'projects' : 'profiles';
    return Response.json({ [member]: [], links: { next: null, self: null, previous: null } });
  };
  stage.stage.passage = passage;
  return stage;
}

/** Repeats a create until it has an end; no answer may call it rejected. */
async function endOf({ create, idsAt }: Awaited<ReturnType<typeof startLagging>>, target: string) {
  const before = idsAt(target);
  const name = target === 'iam-demo' ? 'eu-de_made' : 'made';
  const body = { target, ...NEW_PROFILES[target], name };
  const headers = { 'idempotency-key': 'once' };
  let answer = await create(body, headers);
  for (let tries = 0; tries < 200 && answer.status !== 201; tries += 1) {
    if (answer.body.code !== 'request_in_progress') {
      expect(answer.body.outcome, answer.text).not.toBe('rejected');
    }
    await new Promise((next) => setImmediate(next));
    answer = await create(body, headers);
  }
  const made = idsAt(target).filter((id) => !before.includes(id));
  const shown = ownText(ownObject(answer.body, 'profile'), 'upstreamId');
  return { status: answer.status, shown, made };
}

describe('a create whose profile the list hides for a while', () => {
  it.each(Object.keys(NEW_PROFILES))('is found at %s, and made once', async (target) => {
    const stage = await startLagging(20_000, async (deliver) => {
      await deliver();
      throw new Error('lost');
    });
    const { made, shown, status } = await endOf(stage, target);
    expect({ status, made }).toEqual({ status: 201, made: [shown] });
  });

  it.each(['nerm-demo', 'naver-demo', 'iam-demo'])(
    'is listed by the unkind sandbox of %s after 50 s',
    async (target) => {
      const { advance, ask, create } = await startStage({ unkind: ['late_reads'] });
      const name = target === 'iam-demo' ? 'eu-de_made' : 'made';
      const listed = async () => {
        const { body } = await ask('GET', `/profiles?target=${target}&name=${name}`);
        return isList(body.profiles) ? body.profiles.length : body;
      };
      expect(await create({ target, ...NEW_PROFILES[target], name })).toMatchObject({
        status: 201,
      });
      expect(await listed()).toBe(0);
      advance(50_000);
      expect(await listed()).toBe(1);
    },
  );

  it.each([
    ['keystone', 2_500],
    ['iam-demo', 20_000],
  ])('is not rejected by its own twin at %s', async (target, lagMs) => {
    const stage = await startLagging(lagMs, async (deliver) => {
      await deliver();
      return deliver();
    });
    const { made, shown, status } = await endOf(stage, target);
    expect({ status, made }).toEqual({ status: 201, made: [shown] });
  });
});
