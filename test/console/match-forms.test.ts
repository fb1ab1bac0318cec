import { describe, expect, test } from 'vitest';
import { LISTED_ROWS } from '../../src/console/bounds.ts';
import { hasState, LISTS, readyRunOf, withMatching } from '../integration/matching/planted.ts';
import { FORM, visitorAt } from './match-forms.ts';
import { nextPageOf, type SeenPage } from './visitor.ts';

/** Profiles for two pages of candidates. */
const MANY = Object.fromEntries(
  Array.from({ length: LISTED_ROWS + 2 }, (_, i) => [`a${i}`, `Name ${i}`]),
);

describe('forms about match runs', () => {
  test(
    'a form that is sent twice starts one run, and the next form another one',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const visitor = await visitorAt(replica);
      const onceIn = ({ text }: SeenPage): string =>
        /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
      const pathOf = ({ location }: SeenPage): string => location.split('?')[0] ?? '';
      const once = onceIn(await visitor.get('/console/matches'));
      const form = { ...FORM, once };
      const twice = await Promise.all([1, 2].map(() => visitor.post('/console/matches', form)));
      expect(twice.map(({ status }) => status)).toEqual([303, 303]);
      expect(new Set(twice.map(pathOf)).size).toBe(1);
      const changed = await visitor.post('/console/matches', { ...form, rate: '49' });
      expect(changed.status).toBe(422);
      const next = onceIn(changed);
      expect(next).toMatch(/^[-0-9a-f]{36}$/);
      expect(next).not.toBe(once);
      const other = await visitor.post('/console/matches', { ...FORM, once: next });
      expect(pathOf(other)).toMatch(/^\/console\/matches\/[-0-9a-f]{36}$/);
      expect(pathOf(other)).not.toBe(pathOf(twice[0] ?? other));
      await hasState(replica, pathOf(other).slice('/console/matches/'.length), 'ready');
      const broken = await visitor.post('/console/matches', { ...FORM, once: 'no – key' });
      expect(broken.status).toBe(303);
    }),
  );

  test(
    'what answers a form has the next page at the address of the run',
    withMatching({ acme: MANY, far: { b1: 'Name 1' } }, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const visitor = await visitorAt(replica);
      await visitor.get(`/console/matches/${id}`);
      const answer = await visitor.post(`/console/matches/${id}/all`, { after: 'odd' });
      expect(answer.status).toBe(400);
      const next = nextPageOf(answer);
      expect(next).toContain(`/console/matches/${id}?after=`);
      expect((await visitor.get(next)).status).toBe(200);
    }),
  );
});
