import { describe, expect, test } from 'vitest';
import { ask } from '../lifecycle/operating.ts';
import { receiptOf } from '../lifecycle/receipts.ts';
import { expectProblem, linkOf } from '../links/linking.ts';
import {
  candidateWith,
  decide,
  LISTS,
  plantLink,
  readyRunOf,
  situations,
  withMatching,
} from './planted.ts';

describe('a candidate that is confirmed', () => {
  test(
    'links its profiles, at every replica',
    withMatching(LISTS, async (start) => {
      const [replica, other] = [await start(), await start('b')];
      const id = await readyRunOf(replica);
      const candidate = await candidateWith(replica, id, 'a1');
      const confirmed = await decide(other, id, 'confirm', {
        candidates: [{ candidate, id: 'emp-1' }],
        reason: 'looked at',
      });
      expect(confirmed).toMatchObject({ status: 200, json: { confirmed: 1, version: 1 } });
      const targets = { acme: 'a1', far: 'b1' };
      expect(await linkOf(replica, 'emp-1')).toMatchObject({ json: { targets, source: 'api' } });
      expect(await receiptOf(replica, confirmed.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'confirm_matches', caller: 'ops', match: id, links: 1, reason: 'looked at' },
      });
      expect(await situations(replica, id)).toMatchObject({ 'a1 b1': 'already_linked' });
      const again = await decide(other, id, 'confirm', { candidates: [{ candidate }] });
      expect(again.json).toMatchObject({ confirmed: 0, skipped: [{ reason: 'already_linked' }] });
    }),
  );

  test(
    'extends the link that one of its profiles has',
    withMatching(
      LISTS,
      async (start) => {
        const replica = await start();
        await plantLink(replica, 'emp-7', { far: 'b7' });
        const id = await readyRunOf(replica);
        const { json } = await decide(replica, id, 'confirm', { all: 'unique' });
        expect(json).toMatchObject({ confirmed: 3, skipped: [] });
        const own = (await linkOf(replica, 'emp-1')).json.targets;
        expect(own).toEqual({ acme: 'a1', far: 'b1' });
        expect((await linkOf(replica, 'emp-7')).json.targets).toEqual({ far: 'b7', acme: 'a7' });
        expect((await linkOf(replica, 'a8')).json.targets).toEqual({ acme: 'a8', far: 'b8' });
      },
      { 'emp-1': { acme: 'a1' } },
    ),
  );

  test(
    'can be one pair of several, and the others are seen anew',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const candidate = await candidateWith(replica, id, 'a2');
      const unnamed = await decide(replica, id, 'confirm', { candidates: [{ candidate }] });
      expect(unnamed.json).toMatchObject({ confirmed: 0, skipped: [{ reason: 'pair_needed' }] });
      const foreign = { candidate, upstreamIds: ['a2', 'b1'] };
      const wrong = await decide(replica, id, 'confirm', { candidates: [foreign] });
      expect(wrong.json).toMatchObject({ confirmed: 0, skipped: [{ reason: 'not_found' }] });
      const upstreamIds = ['a2', 'b3'];
      const twice = [
        { candidate, upstreamIds },
        { candidate, upstreamIds: ['a2', 'b2'] },
      ];
      const { json } = await decide(replica, id, 'confirm', { candidates: twice });
      expect(json).toMatchObject({ confirmed: 1, skipped: [{ reason: 'already_linked' }] });
      expect(await situations(replica, id)).toMatchObject({ 'a2 b2 b3': 'duplicate_key' });
    }),
  );

  test(
    'never takes the id, or replaces the link, of another profile',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica, {
        newLinkId: { pointer: '/attributes/no', prefix: 'emp-' },
      });
      await plantLink(replica, 'emp-n-a1', { acme: 'a5' });
      // Each of the two has a link of its own by now.
      await plantLink(replica, 'x', { far: 'b8' });
      await plantLink(replica, 'y', { acme: 'a8' });
      const { json } = await decide(replica, id, 'confirm', { all: 'unique' });
      expect(json).toMatchObject({ confirmed: 1, skipped: [{ reason: 'id_taken' }] });
      expect((await linkOf(replica, 'emp-n-a7')).json.targets).toEqual({ acme: 'a7', far: 'b7' });
      expect(await situations(replica, id)).toMatchObject({ 'a8 b8': 'already_linked' });
      const candidate = await candidateWith(replica, id, 'a8');
      const two = await decide(replica, id, 'confirm', { candidates: [{ candidate }] });
      expect(two.json).toMatchObject({ skipped: [{ reason: 'two_links' }] });
      const one = { candidate: await candidateWith(replica, id, 'a1'), id: 'acme:a1' };
      const invalid = await decide(replica, id, 'confirm', { candidates: [one] });
      expect(invalid.json).toMatchObject({ skipped: [{ reason: 'invalid_id' }] });
    }),
  );

  test(
    'is not linked where another change has linked its profiles since',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      await plantLink(replica, 'emp-9', { acme: 'a1', far: 'b9' });
      const { json } = await decide(replica, id, 'confirm', { all: 'unique' });
      expect(json).toMatchObject({ confirmed: 2, skipped: [] });
      expect(await situations(replica, id)).toMatchObject({
        ...{ 'a1 b1': 'already_linked', 'b9 ba': 'duplicate_key' },
      });
      await ask(replica, 'DELETE', '/admin/links/emp-9');
      const after = await decide(replica, id, 'confirm', { all: 'unique' });
      expect(after.json).toMatchObject({ confirmed: 1, skipped: [] });
      expect((await linkOf(replica, 'a1')).json.targets).toEqual({ acme: 'a1', far: 'b1' });
    }),
  );

  test(
    'is not linked where a profile of it had two links, of which one is left',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      await plantLink(replica, 'emp-8', { acme: 'a1', far: 'b9' });
      for (let times = 0; times < 10; times += 1) {
        await plantLink(replica, 'emp-9', { acme: 'a1', far: 'ba' });
        await replica.gateway.ports.state.followLinks?.();
      }
      await plantLink(replica, 'x', { acme: 'a2', far: 'b8' });
      await plantLink(replica, 'y', { acme: 'a3', far: 'b8' });
      const id = await readyRunOf(replica);
      for (const removed of ['emp-8', 'x']) {
        await ask(replica, 'DELETE', `/admin/links/${removed}`);
      }
      const { json } = await decide(replica, id, 'confirm', { all: 'unique' });
      const skipped = [{ reason: 'already_linked' }, { reason: 'already_linked' }];
      expect(json).toMatchObject({ confirmed: 1, skipped });
      expectProblem(await linkOf(replica, 'a1'), 404, 'link_not_found');
      expectProblem(await linkOf(replica, 'a8'), 404, 'link_not_found');
    }),
  );
});

test(
  'a decision that loses to another one names no receipt',
  withMatching({ acme: { a1: 'One' }, far: { b1: 'One' } }, async (start) => {
    const [one, two] = [await start('a'), await start('b')];
    const id = await readyRunOf(one);
    const candidate = await candidateWith(one, id, 'a1');
    const answers = await Promise.all(
      [one, two, one, two].map((replica) =>
        decide(replica, id, 'confirm', { candidates: [{ candidate }] }),
      ),
    );
    const named = answers.map(({ headers, json }) => [json.confirmed, headers.get('x-write-id')]);
    const stored = (await one.database.receipts({ max: 9 }))
      .filter(({ kind }) => kind === 'confirm_matches')
      .map(({ writeId }) => [1, writeId]);
    expect(stored).toHaveLength(1);
    expect(named.filter(([confirmed]) => confirmed === 1)).toEqual(stored);
    expect(named.filter(([, writeId]) => writeId !== null)).toEqual(stored);
  }),
);

describe('a candidate that is refused', () => {
  test(
    'stays refused, in later runs too and whichever target comes first',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const candidate = await candidateWith(replica, id, 'a1');
      const refused = await decide(replica, id, 'refuse', {
        candidates: [{ candidate }],
        reason: 'namesakes',
      });
      expect(refused).toMatchObject({ status: 200, json: { refused: 1, skipped: [] } });
      expect(await receiptOf(replica, refused.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'refuse_matches', match: id, refused: 1, reason: 'namesakes' },
      });
      expect(await situations(replica, id)).toMatchObject({ 'a1 b1': 'refused' });
      const named = { candidate, upstreamIds: ['a1', 'b1'] };
      const confirmed = await decide(replica, id, 'confirm', { candidates: [named] });
      expect(confirmed.json).toMatchObject({ confirmed: 0, skipped: [{ reason: 'refused' }] });
      const later = await readyRunOf(replica, { targets: ['far', 'acme'] });
      expect(await situations(replica, later)).toMatchObject({ 'b1 a1': 'refused' });
      const all = await decide(replica, later, 'confirm', { all: 'unique' });
      expect(all.json).toMatchObject({ confirmed: 2 });
      expectProblem(await linkOf(replica, 'a1'), 404, 'link_not_found');
    }),
  );

  test(
    'may be one pair of several: it is refused once no pair is left',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const candidate = await candidateWith(replica, id, 'a2');
      const first = { candidate, upstreamIds: ['a2', 'b2'] };
      await decide(replica, id, 'refuse', { candidates: [first] });
      expect(await situations(replica, id)).toMatchObject({ 'a2 b2 b3': 'ambiguous' });
      const second = { candidate, upstreamIds: ['a2', 'b3'] };
      await decide(replica, id, 'refuse', { candidates: [second] });
      expect(await situations(replica, id)).toMatchObject({ 'a2 b2 b3': 'refused' });
    }),
  );
});
