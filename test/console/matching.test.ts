import { describe, expect, test } from 'vitest';
import { cursorAfter } from '../../src/http/routes/matches/match-cursor.ts';
import {
  MATCH_REQUESTS_PER_SECOND,
  MATCH_REQUESTS_PER_SECOND_MAX,
} from '../../src/matching/match-limits.ts';
import { linkOf } from '../integration/links/linking.ts';
import {
  hasState,
  LISTS,
  plantLink,
  readyRunOf,
  situations,
  withMatching,
} from '../integration/matching/planted.ts';
import { receiptRow } from '../state/suite/store.ts';
import { FORM, visitorAt } from './match-forms.ts';
import { type SeenPage, wordsOf } from './visitor.ts';

/** The row of the candidate that has a profile, and what its form holds unseen. */
function rowWith({ text }: SeenPage, upstreamId: string) {
  const row = [...text.matchAll(/<tr>.*?<\/tr>/gs)]
    .map(([one]) => one)
    .find((one) => one.includes(`<code>${upstreamId}</code>`));
  const hidden = row?.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g) ?? [];
  const fields = [...hidden].map(([, name = '', value = '']) => [name, value]);
  return { row: row ?? '', fields: Object.fromEntries(fields) as Record<string, string> };
}

describe('links by matching', () => {
  test(
    'a run is started, and its form says what it costs',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const visitor = await visitorAt(replica);
      const empty = await visitor.get('/console/matches');
      const words = wordsOf(empty);
      expect(words).toContain('No runs yet');
      expect(words).toContain('one request for each page, and writes nothing');
      const bounds = `from 1 to ${MATCH_REQUESTS_PER_SECOND_MAX}; ${MATCH_REQUESTS_PER_SECOND} where`;
      expect(words).toContain(bounds);
      const refused = await visitor.post('/console/matches', { ...FORM, second: 'acme' });
      expect(refused.status).toBe(422);
      expect(wordsOf(refused)).toContain('The targets must be two');
      expect(refused.text).toContain('value="50"');
      const begun = await visitor.post('/console/matches', FORM);
      expect(begun.location).toMatch(/^\/console\/matches\/[-0-9a-f]+\?done=start&receipt=/);
      const id = begun.location.slice('/console/matches/'.length).split('?')[0] ?? '';
      expect(wordsOf(await visitor.get(begun.location))).toContain('The run has begun');
      await hasState(replica, id, 'ready');
      const run = await replica.database.matches.run(id);
      expect(run?.by).toBe('ops');
      expect(JSON.parse(run?.spec ?? '')).toEqual({
        targets: ['acme', 'far'],
        keys: [{ pointer: '/name', case: 'ignore', blanks: 'collapse' }],
        requestsPerSecond: 50,
      });
      const all = await visitor.get('/console/matches');
      expect(all.text).toContain(`href="/console/matches/${id}"`);
      expect(wordsOf(all)).toMatch(/ready compared: 10 and 9 profiles/);
    }),
  );

  test(
    'up to four parts of the key, and the ids of new links',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const visitor = await visitorAt(replica);
      await visitor.get('/console/matches');
      const more = { 'pointer-4': '/attributes/no', 'case-4': 'exact', 'blanks-4': 'remove' };
      const ids = { 'link-pointer': '/name', 'link-prefix': 'emp-' };
      const given = { ...FORM, ...more, ...ids, 'second-pointer-4': '/status', rate: '' };
      const begun = await visitor.post('/console/matches', given);
      const [run] = await replica.database.matches.runs(1);
      expect(begun.status).toBe(303);
      expect(JSON.parse(run?.spec ?? '')).toMatchObject({
        keys: [
          { pointer: '/name' },
          { pointer: '/attributes/no', secondPointer: '/status', case: 'exact', blanks: 'remove' },
        ],
        newLinkId: { pointer: '/name', prefix: 'emp-' },
        requestsPerSecond: MATCH_REQUESTS_PER_SECOND,
      });
    }),
  );

  test(
    'situations have their numbers, and candidates pages of one situation',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const visitor = await visitorAt(replica);
      const page = await visitor.get(`/console/matches/${id}`);
      const words = wordsOf(page);
      const counts = Object.values(await situations(replica, id)).filter((one) => one === 'unique');
      expect(words).toContain(`unique ${counts.length} one profile at each target`);
      expect(page.text).toContain(`href="/console/matches/${id}?situation=missing"`);
      const missing = await visitor.get(`/console/matches/${id}?situation=missing`);
      expect(missing.text).toContain('aria-current="true">missing</a>');
      expect(missing.text).toContain('href="/console/try?id=acme%3Aa5"');
      expect(missing.text).not.toContain('<code>a1</code>');
      expect(rowWith(missing, 'a5').row).not.toContain('Decide…');
      expect(wordsOf(await visitor.get(`/console/matches/${id}?situation=refused`))).toContain(
        'No candidate is in this situation',
      );
      expect((await visitor.get(`/console/matches/${id}?situation=odd`)).status).toBe(400);
      expect((await visitor.get(`/console/matches/${id}?after=odd`)).status).toBe(400);
      const none = await visitor.get('/console/matches/nobody');
      expect([none.status, wordsOf(none)]).toEqual([404, expect.stringContaining('See all runs')]);
    }),
  );

  test(
    'one candidate is confirmed, one refused, and one pair of several confirmed',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const path = `/console/matches/${id}`;
      const visitor = await visitorAt(replica);
      const unique = await visitor.get(`${path}?situation=unique`);
      const sent = { ...rowWith(unique, 'a1').fields, decision: 'confirm', link: 'emp-1' };
      const confirmed = await visitor.post(`${path}/decide`, sent);
      expect(confirmed.location).toContain(
        `${path}?situation=unique&done=confirm&count=1&receipt=`,
      );
      expect(wordsOf(await visitor.get(confirmed.location))).toContain('Confirmed: 1');
      expect((await linkOf(replica, 'emp-1')).json.targets).toEqual({ acme: 'a1', far: 'b1' });
      const twice = await visitor.post(`${path}/decide`, sent);
      expect([twice.status, wordsOf(twice)]).toEqual([
        409,
        expect.stringContaining('a profile of the pair has a partner by now'),
      ]);
      const again = await visitor.get(`${path}?situation=unique`);
      const no = { ...rowWith(again, 'a7').fields, decision: 'refuse', link: 'not-used' };
      expect((await visitor.post(`${path}/decide`, no)).location).toContain('done=refuse&count=1');
      const ambiguous = rowWith(await visitor.get(`${path}?situation=ambiguous`), 'a2');
      expect(ambiguous.row).toMatch(/<option value="b3"\s*>b3/);
      const pair = { ...ambiguous.fields, second: 'b3', decision: 'confirm', link: '' };
      expect((await visitor.post(`${path}/decide`, pair)).status).toBe(303);
      expect((await linkOf(replica, 'a2')).json.targets).toEqual({ acme: 'a2', far: 'b3' });
      expect(await situations(replica, id)).toMatchObject({ 'a7 b7': 'refused' });
    }),
  );

  test(
    'all that are unique are confirmed at once, but for those that have changed since',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica, { newLinkId: { pointer: '/attributes/no' } });
      const path = `/console/matches/${id}`;
      const visitor = await visitorAt(replica);
      const uniques = Object.entries(await situations(replica, id)).filter(
        ([, one]) => one === 'unique',
      );
      await plantLink(replica, 'n-a1', { acme: 'elsewhere' });
      const left = `${uniques.length - 1} confirmed, 1 left as they are 1: the id of the link leads`;
      await visitor.get(path);
      const some = await visitor.post(`${path}/all`, { decision: 'confirm', after: '' });
      expect([some.status, wordsOf(some)]).toEqual([200, expect.stringContaining(left)]);
      await replica.database.changeLinks(
        [{ id: 'n-a1', targets: undefined }],
        receiptRow('of the test'),
      );
      const all = await visitor.post(`${path}/all`, { decision: 'confirm', after: '' });
      expect(all.location).toContain('done=confirm&count=1&receipt=');
      const words = wordsOf(await visitor.get(all.location));
      expect(words).toContain('Confirmed: 1');
      expect(words).toContain('unique 0');
      expect(words).not.toContain('Confirm all');
      expect((await linkOf(replica, 'n-a1')).json.targets).toEqual({ acme: 'a1', far: 'b1' });
    }),
  );

  test(
    'the rest of very many is gone on with, from where the last step has ended',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const path = `/console/matches/${await readyRunOf(replica)}`;
      const visitor = await visitorAt(replica);
      const page = await visitor.get(`${path}?done=confirm&count=5000&next=the-cursor&limit=1`);
      expect(wordsOf(page)).toMatch(/Confirmed: 5 000 .*More are left: go on/);
      expect(page.text).toContain('name="after" value="the-cursor"');
      const wrong = await visitor.post(`${path}/all`, { decision: 'refuse', after: 'the-cursor' });
      expect(wrong.status).toBe(400);
      const id = path.slice('/console/matches/'.length);
      const first = await replica.database.matches.candidates(id, { after: '', max: 1 });
      const after = cursorAfter(id, first[0]?.key ?? '');
      const rest = await visitor.post(`${path}/all`, { decision: 'refuse', after });
      expect(rest.location).toContain('done=refuse');
    }),
  );

  test(
    'a run is stopped and resumed, and says what has failed',
    withMatching(LISTS, async (start, planted) => {
      const replica = await start();
      const visitor = await visitorAt(replica);
      const held = Promise.withResolvers<void>();
      planted.before = () => held.promise;
      await visitor.get('/console/matches');
      const begun = await visitor.post('/console/matches', FORM);
      const path = begun.location.split('?')[0] ?? '';
      const running = await visitor.get(path);
      expect(running.text).toContain('data-live-source="/console/live?of=matches"');
      expect(wordsOf(running)).toMatch(/running .*lists the first target: 0 and 0 profiles/);
      expect(wordsOf(running)).toContain('No candidates yet');
      expect(running.text).not.toContain('Confirm all');
      const stopped = await visitor.post(`${path}/stop`, { reason: 'too busy' });
      expect(wordsOf(await visitor.get(stopped.location))).toContain('The run is stopped');
      held.resolve();
      planted.before = async () => {
        planted.faults.push(['target_unauthorized', 'The key is refused.']);
        planted.before = async () => {};
      };
      const id = path.slice('/console/matches/'.length);
      expect((await visitor.post(`${path}/resume`, {})).location).toContain('done=resume');
      await hasState(replica, id, 'failed');
      expect(wordsOf(await visitor.get(path))).toContain('The key is refused.');
      expect((await visitor.post(`${path}/resume`, {})).status).toBe(303);
      await hasState(replica, id, 'ready');
      expect(wordsOf(await visitor.get(path))).toContain('Compare anew');
    }),
  );

  test(
    'a list that shifts is said before anything is decided',
    withMatching(LISTS, async (start, planted) => {
      planted.shifting.push('far');
      const replica = await start();
      const visitor = await visitorAt(replica);
      const words = wordsOf(await visitor.get(`/console/matches/${await readyRunOf(replica)}`));
      expect(words).toContain('Profiles may have been missed');
      expect(words).toContain('The list of far has pages with numbers');
    }),
  );

  test(
    'who only looks sees runs, and may start, decide, stop and resume nothing',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const path = `/console/matches/${id}`;
      const watcher = await visitorAt(replica, 'watcher');
      for (const page of [path, '/console/matches']) {
        const { status, text } = await watcher.get(page);
        expect(status).toBe(200);
        const forms = [...text.matchAll(/<form method="post" action="([^"]+)"/g)];
        expect(forms.map(([, action]) => action)).toEqual(['/console/sign-out']);
      }
      const candidate = Object.values(rowWith(await watcher.get(path), 'a1').fields);
      expect(candidate).toEqual([]);
      for (const action of ['/decide', '/all', '/stop', '/resume', '']) {
        const target = action === '' ? '/console/matches' : path + action;
        const fields = { ...FORM, decision: 'confirm' };
        expect([action, (await watcher.post(target, fields)).status]).toEqual([action, 403]);
      }
      expect(await replica.database.matches.runs(9)).toHaveLength(1);
      expect((await linkOf(replica, 'a1')).status).toBe(404);
    }),
  );
});
