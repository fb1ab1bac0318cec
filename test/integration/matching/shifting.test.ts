import { describe, expect, test } from 'vitest';
import { succeed } from '../../../src/adapter-kit/index.ts';
import { createTargetReader } from '../../../src/node/matching/page-reader.ts';
import { ask } from '../lifecycle/operating.ts';
import { createStage } from '../listing/stage.ts';
import { hasState, LISTS, readyRunOf, showRun, situations, withMatching } from './planted.ts';

/** Lists whose pages have numbers: what comes and goes meanwhile moves others between pages. */
describe('a match run over pages that shift', () => {
  test(
    'says whose list it is',
    withMatching(LISTS, async (start, planted) => {
      const replica = await start();
      expect(await showRun(replica, await readyRunOf(replica))).not.toHaveProperty('shifting');
      planted.shifting.push('far');
      const lists = await readyRunOf(replica);
      expect(await showRun(replica, lists)).toMatchObject({ shifting: ['far'] });
      await ask(replica, 'POST', `/admin/matches/${lists}/resume`);
      await hasState(replica, lists, 'ready');
      expect(await showRun(replica, lists)).toMatchObject({ shifting: ['far'] });
      planted.shifting.push('acme');
      const { json } = await ask(replica, 'GET', '/admin/matches', { by: 'watcher' });
      expect(json.matches.map(({ shifting }: { shifting?: unknown }) => shifting)).toEqual([
        ['far'],
        undefined,
      ]);
    }),
  );

  test(
    'says nothing of that where a list is one page',
    withMatching({ acme: { a1: 'Dana' }, far: { b1: 'Dana' } }, async (start, planted) => {
      planted.shifting.push('acme', 'far');
      const replica = await start();
      expect(await showRun(replica, await readyRunOf(replica))).not.toHaveProperty('shifting');
    }),
  );

  test(
    'takes a profile that a shifted page hides for missing, and says so',
    withMatching({ acme: { a1: 'Dana' }, far: {} }, async (start, planted) => {
      const far = new Map([...'123456'].map((n) => [`b${n}`, n === '3' ? 'Dana' : `Other ${n}`]));
      const replica = await start('a', {
        listPage: async (target, cursor = '0') => {
          if (target === 'acme') return planted.listPage(target, cursor);
          // The first profile goes after the first page: the third one moves to that page.
          if (cursor === '2') far.delete('b1');
          const all = [...far].map(([upstreamId, name]) => ({ upstreamId, content: { name } }));
          const end = Number(cursor) + 2;
          const more = end < all.length ? { cursor: String(end) } : {};
          return succeed({ items: all.slice(Number(cursor), end), ...more, isShifting: true });
        },
      });
      const id = await readyRunOf(replica);
      expect(await situations(replica, id)).toMatchObject({ a1: 'missing' });
      expect(await showRun(replica, id)).toMatchObject({ shifting: ['far'] });
    }),
  );
});

test('pages shift where a target declares it', async () => {
  const { gateway } = await createStage();
  const readPage = createTargetReader(gateway.ports, () => gateway.targets);
  const shifting = [];
  for (const name of gateway.targets.keys()) {
    const page = await readPage(name);
    if (page.ok && page.value.isShifting === true) shifting.push(name);
  }
  expect(shifting).toEqual(['iam-demo', 'naver-demo']);
});
