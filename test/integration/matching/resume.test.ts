import { describe, expect, test } from 'vitest';
import { StateUnavailable } from '../../../src/state/state-database.ts';
import { ask, waitFor } from '../lifecycle/operating.ts';
import { receiptOf } from '../lifecycle/receipts.ts';
import { expectProblem, linkOf, openLinksOf } from '../links/linking.ts';
import {
  decide,
  hasState,
  plantLink,
  readyRunOf,
  showRun,
  situations,
  startRun,
  withMatching,
} from './planted.ts';

const LISTS = {
  acme: { a1: 'Dana', a2: 'Kim', a3: 'Lee', a4: 'Ada', a5: 'Sam' },
  far: { b1: 'Dana', b2: 'Kim', b3: 'Lee', b4: 'Ada', b5: 'Toni' },
};
const FOUND = {
  ...{ 'a1 b1': 'unique', 'a2 b2': 'unique', 'a3 b3': 'unique', 'a4 b4': 'unique' },
  ...{ a5: 'missing', b5: 'extra' },
};

/** Holds the first read of a page up. */
function heldAt(wanted: string) {
  const reached = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    free: free.resolve,
    before: async (page: string): Promise<void> => {
      if (page !== wanted) return;
      reached.resolve();
      await free.promise;
    },
  };
}

describe('a match run that was cut off', () => {
  test(
    'goes on at another replica, without a page read twice',
    withMatching(LISTS, async (start, planted) => {
      const [replica, other] = [await start(), await start('b')];
      const hold = heldAt('far:2');
      planted.before = hold.before;
      const id = await startRun(replica);
      await hold.reached;
      const stopped = replica.stopMatching();
      hold.free();
      await stopped;
      expect(await showRun(other, id)).toMatchObject({
        ...{ state: 'interrupted', phase: 'list_second', listed: { first: 5, second: 4 } },
      });
      expectProblem(await decide(other, id, 'confirm', { all: 'unique' }), 409, 'match_not_ready');
      const resumed = await ask(other, 'POST', `/admin/matches/${id}/resume`);
      expect(resumed.json).toMatchObject({ id, state: 'running' });
      expect(await receiptOf(other, resumed.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'resume_match', match: id },
      });
      await hasState(other, id, 'ready');
      expect(await situations(other, id)).toEqual(FOUND);
      expect(planted.pages).toEqual([...['acme:0', 'acme:2', 'acme:4', 'far:0', 'far:2', 'far:4']]);
    }),
  );

  test(
    'does not go on where its receipt cannot be stored',
    withMatching(LISTS, async (start, planted) => {
      const [replica, other] = [await start(), await start('b')];
      const hold = heldAt('acme:2');
      planted.before = hold.before;
      const id = await startRun(replica);
      await hold.reached;
      const stopped = replica.stopMatching();
      hold.free();
      await stopped;
      const read = planted.pages.length;
      const addReceipt = () => Promise.reject(new StateUnavailable('it is away'));
      Object.assign(other.operations, { addReceipt });
      const refused = await ask(other, 'POST', `/admin/matches/${id}/resume`);
      expectProblem(refused, 503, 'state_unavailable');
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(planted.pages).toHaveLength(read);
    }),
  );

  test(
    'is not worked on by two replicas',
    withMatching(LISTS, async (start, planted) => {
      const [replica, other] = [await start(), await start('b')];
      const hold = heldAt('acme:2');
      planted.before = hold.before;
      const id = await startRun(replica);
      await hold.reached;
      const refused = await ask(other, 'POST', `/admin/matches/${id}/resume`);
      expectProblem(refused, 409, 'match_not_ready');
      hold.free();
      await hasState(other, id, 'ready');
      expect(await situations(other, id)).toEqual(FOUND);
    }),
  );

  test(
    'goes on after the state did not answer for a while',
    withMatching(LISTS, async (start, planted) => {
      const [replica, other] = [await start(), await start('b')];
      const hold = heldAt('acme:2');
      planted.before = hold.before;
      const id = await startRun(replica);
      await hold.reached;
      replica.cut(true);
      hold.free();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await showRun(other, id)).listed).toEqual({ first: 2, second: 0 });
      replica.cut(false);
      await hasState(other, id, 'ready');
      expect(await situations(other, id)).toEqual(FOUND);
    }),
  );
});

describe('a match run that an operator stops', () => {
  test(
    'requests no page more, whichever replica works on it, and can go on',
    withMatching(LISTS, async (start, planted) => {
      const [replica, other] = [await start(), await start('b')];
      const hold = heldAt('acme:2');
      planted.before = hold.before;
      const id = await startRun(replica);
      await hold.reached;
      const reason = { body: { reason: 'it is noon' } };
      const stopped = await ask(other, 'POST', `/admin/matches/${id}/stop`, reason);
      expect(stopped.json).toMatchObject({ id, state: 'stopped', listed: { first: 2 } });
      expect(await receiptOf(other, stopped.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'stop_match', match: id, reason: 'it is noon' },
      });
      hold.free();
      await replica.stopMatching();
      expect(planted.pages).toEqual(['acme:0', 'acme:2']);
      await ask(other, 'POST', `/admin/matches/${id}/resume`);
      await hasState(other, id, 'ready');
      expect(await situations(other, id)).toEqual(FOUND);
      const again = await ask(other, 'POST', `/admin/matches/${id}/stop`);
      expect(again).toMatchObject({ status: 200, json: { state: 'ready' } });
      const watched = { by: 'watcher' } as const;
      expectProblem(
        await ask(other, 'POST', `/admin/matches/${id}/stop`, watched),
        403,
        'forbidden',
      );
    }),
  );
});

describe('a match run that is ready', () => {
  test(
    'is compared anew by the links of now when it is resumed, without a page more',
    withMatching(
      LISTS,
      async (start, planted) => {
        const replica = await start();
        const id = await readyRunOf(replica);
        const pages = planted.pages.length;
        await plantLink(replica, 'emp-2', { acme: 'a2' });
        await plantLink(replica, 'x', { acme: 'a3', far: 'b9' });
        await plantLink(replica, 'emp-1', { acme: 'a9' });
        await ask(replica, 'POST', `/admin/matches/${id}/resume`);
        await hasState(replica, id, 'ready');
        expect(await situations(replica, id)).toEqual({
          ...FOUND,
          ...{ 'a3 b3': 'already_linked' },
        });
        expect(planted.pages).toHaveLength(pages);
        const { json } = await decide(replica, id, 'confirm', { all: 'unique' });
        expect(json).toMatchObject({ confirmed: 3, skipped: [] });
        expect((await linkOf(replica, 'emp-2')).json.targets).toEqual({ acme: 'a2', far: 'b2' });
      },
      { 'emp-1': { acme: 'a1', far: 'b1' } },
    ),
  );

  test(
    'must be resumed where the file of links has changed since',
    withMatching(
      LISTS,
      async (start) => {
        const replica = await start();
        const id = await readyRunOf(replica);
        const file = { 'emp-1': { acme: 'a1' }, 'emp-2': { acme: 'a2', far: 'b2' } };
        const other = await start('b', { openLinks: openLinksOf(file) });
        const early = await decide(other, id, 'confirm', { all: 'unique' });
        expectProblem(early, 409, 'match_not_ready');
        await ask(other, 'POST', `/admin/matches/${id}/resume`);
        await hasState(other, id, 'ready');
        expect(await situations(other, id)).toEqual({ ...FOUND, 'a2 b2': 'already_linked' });
        expect((await decide(other, id, 'confirm', { all: 'unique' })).json.confirmed).toBe(3);
      },
      { 'emp-1': { acme: 'a1', far: 'b1' } },
    ),
  );

  test(
    'is removed once there are many later ones',
    withMatching({ acme: {}, far: {} }, async (start) => {
      const replica = await start();
      const first = await readyRunOf(replica);
      for (let n = 0; n < 20; n += 1) await readyRunOf(replica);
      await waitFor(async () => {
        const { status } = await ask(replica, 'GET', `/admin/matches/${first}`);
        return status === 404;
      });
      const { json } = await ask(replica, 'GET', '/admin/matches');
      expect(json.matches).toHaveLength(20);
    }),
  );

  test(
    'asks its targets for no more pages in a second than it may',
    withMatching(LISTS, async (start, planted) => {
      const replica = await start();
      const atMs: number[] = [];
      planted.before = async () => {
        atMs.push(performance.now());
      };
      await readyRunOf(replica, { requestsPerSecond: 20 });
      expect(atMs).toHaveLength(6);
      expect((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)).toBeGreaterThan(5 * 45);
    }),
  );
});
