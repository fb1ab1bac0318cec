import { expect } from 'vitest';
import type { MatchItem, MatchLease, MatchStep } from '../../../src/state/matches/match-rows.ts';
import type { MatchStore } from '../../../src/state/matches/match-store.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import { type Chapter, receiptIds, receiptRow, sleep } from './store.ts';

const LEASE_MS = 5_000;
const TARGETS = ['acme', 'far'] as const;
const NO_LINKS = { ids: [], ends: [] };

const item = (side: 0 | 1, upstreamId: string, key: string): MatchItem => ({
  side,
  upstreamId,
  key,
  hasKey: true,
  newLinkId: `new ${upstreamId}`,
});

const step = (given: Partial<MatchStep> = {}): MatchStep => ({
  items: [],
  links: NO_LINKS,
  candidates: [],
  progress: '{}',
  state: 'running',
  problem: '',
  leaseMs: LEASE_MS,
  ...given,
});

const runOf = (id: string) => ({ id, by: 'ops', spec: '{"of":1}', progress: '{}' });
async function started({ matches }: StateDatabase, id = 'run'): Promise<MatchLease> {
  await matches.addRun(runOf(id), receiptRow(`start of ${id}`));
  const lease = await matches.claimRun(id, LEASE_MS);
  if (lease === undefined) throw new Error('the run is taken');
  return lease;
}

/** Makes a run that is ready: `a1` and `b1` alone, `a2`, `b2` and `b3` together, `a4` alone. */
async function ready(db: StateDatabase) {
  const { matches } = db;
  const lease = await started(db);
  const items = [
    ...[item(0, 'a1', 'k1'), item(1, 'b1', 'k1'), item(0, 'a2', 'k2'), item(1, 'b2', 'k2')],
    ...[item(1, 'b3', 'k2'), item(0, 'a4', 'k4')],
  ];
  const candidates = [
    { key: 'k1', situation: 'unique' },
    { key: 'k2', situation: 'ambiguous' },
    { key: 'k4', situation: 'missing' },
  ] as const;
  const stored = await matches.storeStep(
    lease,
    step({ items, candidates, state: 'ready', leaseMs: 0 }),
  );
  expect(stored).toBe(true);
  const change = { ...lease, targets: TARGETS, links: NO_LINKS, candidates: [], refusals: [] };
  return { matches, lease, change };
}

const shapeOf = async (matches: MatchStore, keys: readonly string[]) =>
  (await matches.groupsOf('run', TARGETS, keys)).map(({ first, key, refused, second }) => [
    key,
    `${first.free}/${first.all} ${second.free}/${second.all} ${refused}`,
  ]);

/** Match runs, their profiles and what is decided about them. */
export const MATCHES: Chapter = {
  'match runs': {
    'are worked on by one replica at a time, and by another one after it': async (db, other) => {
      const lease = await started(db);
      expect(await other.matches.addRun(runOf('run'), receiptRow('twice'))).toBe(false);
      expect(await receiptIds(db)).toEqual(['start of run']);
      expect(await other.matches.run('run')).toMatchObject({
        ...{ by: 'ops', spec: '{"of":1}', state: 'running', fence: 1, isLeased: true },
      });
      expect(await other.matches.claimRun('run', LEASE_MS)).toBeUndefined();
      expect(await db.matches.storeStep(lease, step({ progress: 'p', leaseMs: 1 }))).toBe(true);
      await sleep(20);
      expect(await other.matches.run('run')).toMatchObject({ isLeased: false, progress: 'p' });
      expect(await db.matches.storeStep(lease, step())).toBe(false);
      const next = await other.matches.claimRun('run', LEASE_MS);
      expect(next).toEqual({ id: 'run', fence: 2 });
      expect(await db.matches.storeStep(lease, step({ items: [item(0, 'x', 'k')] }))).toBe(false);
      expect(await other.matches.itemsAt('run', [{ side: 0, upstreamId: 'x' }])).toEqual([]);
      expect(await other.matches.claimRun('nobody', LEASE_MS)).toBeUndefined();
      expect(await other.matches.run('nobody')).toBeUndefined();
    },

    'are stopped whoever works on them, and go on when they are claimed': async (db, other) => {
      const lease = await started(db);
      expect(await other.matches.stopRun('run', receiptRow('stop'))).toBe(true);
      expect(await db.matches.storeStep(lease, step())).toBe(false);
      expect(await db.matches.run('run')).toMatchObject({ state: 'stopped', isLeased: false });
      expect(await other.matches.stopRun('run', receiptRow('again'))).toBe(false);
      expect(await receiptIds(db)).toEqual(['stop', 'start of run']);
      expect(await other.matches.claimRun('run', LEASE_MS)).toBeDefined();
      expect(await db.matches.run('run')).toMatchObject({ state: 'running' });
    },

    'are listed and removed in parts': async (db) => {
      await ready(db);
      await sleep(5);
      await started(db, 'later');
      expect((await db.matches.runs(10)).map(({ id }) => id)).toEqual(['later', 'run']);
      expect((await db.matches.runs(1)).map(({ id }) => id)).toEqual(['later']);
      expect(await db.matches.runsToRemove(2)).toEqual([]);
      expect(await db.matches.runsToRemove(1)).toEqual(['run']);
      expect(await db.matches.removeRun('run', 2)).toBeGreaterThan(2);
      expect(await db.matches.run('run')).toBeUndefined();
      expect(await db.matches.claimRun('run', LEASE_MS)).toBeUndefined();
      expect(await db.matches.runsToRemove(9)).toEqual(['run']);
      for (let went = 1; went > 0; ) went = await db.matches.removeRun('run', 2);
      expect(await db.matches.runsToRemove(9)).toEqual([]);
      expect((await db.matches.runs(10)).map(({ id }) => id)).toEqual(['later']);
      expect(await shapeOf(db.matches, ['k1', 'k2'])).toEqual([]);
      expect(await db.matches.countCandidates('run')).toEqual({});
    },
  },

  'profiles of a match run': {
    'are grouped by their keys, in pages': async (db) => {
      const { matches } = await ready(db);
      const groups = await matches.groupsAfter('run', TARGETS, { after: '', max: 2 });
      expect(groups).toEqual([
        {
          key: 'k1',
          first: { all: 1, free: 1, linkId: undefined },
          second: { all: 1, free: 1, linkId: undefined },
          refused: 0,
        },
        {
          key: 'k2',
          first: { all: 1, free: 1, linkId: undefined },
          second: { all: 2, free: 2, linkId: undefined },
          refused: 0,
        },
      ]);
      const rest = await matches.groupsAfter('run', TARGETS, { after: 'k2', max: 2 });
      expect(rest.map(({ key }) => key)).toEqual(['k4']);
      expect(await matches.groupsOf('other', TARGETS, ['k1'])).toEqual([]);
    },

    'are listed by key, at most some of each side, and found by their ids': async (db) => {
      const { matches } = await ready(db);
      const ids = (await matches.itemsOf('run', ['k2', 'k1', 'k9'], 1)).map(
        ({ upstreamId }) => upstreamId,
      );
      expect(ids).toEqual(['a2', 'b2', 'a1', 'b1']);
      const places = [
        { side: 1, upstreamId: 'b3' },
        { side: 0, upstreamId: 'b3' },
      ] as const;
      expect(await matches.itemsAt('run', places)).toEqual([
        { ...item(1, 'b3', 'k2'), linkId: undefined, linkedTo: undefined },
      ]);
    },

    'forget their links in parts, only under a lease': async (db) => {
      const { change, matches, lease } = await ready(db);
      const ends = ['a1', 'a2', 'a4'].map((upstreamId) => ({
        ...{ side: 0 as const, upstreamId, linkId: `of ${upstreamId}`, linkedTo: 'z' },
      }));
      const ids = ends.map(({ linkId }) => linkId);
      await matches.decide({ ...change, decisions: 0, links: { ids, ends } });
      const taken = (await matches.claimRun('run', LEASE_MS)) ?? lease;
      expect(await matches.clearLinks(lease, 2)).toBe(0);
      const went = [await matches.clearLinks(taken, 2), await matches.clearLinks(taken, 2)];
      expect(went).toEqual([2, 1]);
      expect(await shapeOf(matches, ['k1'])).toEqual([['k1', '1/1 1/1 0']]);
    },

    'are what was listed last': async (db) => {
      const lease = await started(db);
      await db.matches.storeStep(lease, step({ items: [item(0, 'a1', 'k1')] }));
      const again = { ...item(0, 'a1', 'k2'), hasKey: false, newLinkId: '' };
      await db.matches.storeStep(lease, step({ items: [again] }));
      const found = await db.matches.itemsAt('run', [{ side: 0, upstreamId: 'a1' }]);
      expect(found).toMatchObject([again]);
    },

    'have a partner where one link names both, until it is changed': async (db) => {
      const { change, matches } = await ready(db);
      const ends = [
        { side: 0, upstreamId: 'a1', linkId: 'emp-1', linkedTo: 'b1' },
        { side: 1, upstreamId: 'b1', linkId: 'emp-1', linkedTo: 'a1' },
        { side: 0, upstreamId: 'a2', linkId: 'emp-2', linkedTo: undefined },
      ] as const;
      const links = { ids: ['emp-1', 'emp-2'], ends };
      expect((await matches.keysOfLinks('run', links)).toSorted()).toEqual(['k1', 'k2']);
      expect(await matches.decide({ ...change, decisions: 0, links })).toBe(true);
      const shapes = [
        ['k1', '0/1 0/1 0'],
        ['k2', '1/1 2/2 0'],
      ];
      expect(await shapeOf(matches, ['k1', 'k2'])).toEqual(shapes);
      const [group] = await matches.groupsOf('run', TARGETS, ['k2']);
      expect(group?.first.linkId).toBe('emp-2');
      // Another link that names no partner leaves the one that does.
      const third = { side: 0, upstreamId: 'a1', linkId: 'emp-3', linkedTo: undefined } as const;
      const more = { ids: ['emp-3'], ends: [third] };
      expect(await matches.decide({ ...change, decisions: 1, links: more })).toBe(true);
      expect(await shapeOf(matches, ['k1'])).toEqual([['k1', '0/1 0/1 0']]);
      const gone = { ids: ['emp-1'], ends: [] };
      expect(await matches.keysOfLinks('run', gone)).toEqual(['k1']);
      expect(await matches.decide({ ...change, decisions: 2, links: gone })).toBe(true);
      expect(await shapeOf(matches, ['k1'])).toEqual([['k1', '1/1 1/1 0']]);
    },
  },

  'candidates of a match run': {
    'are listed by situation, in pages, and counted': async (db) => {
      const { matches } = await ready(db);
      expect(await matches.candidates('run', { after: '', max: 2 })).toEqual([
        { key: 'k1', situation: 'unique' },
        { key: 'k2', situation: 'ambiguous' },
      ]);
      expect(
        await matches.candidates('run', { after: 'k0', max: 9, situation: 'missing' }),
      ).toEqual([{ key: 'k4', situation: 'missing' }]);
      expect(await matches.countCandidates('run')).toEqual({ unique: 1, ambiguous: 1, missing: 1 });
    },

    'are refused once and for all, whichever target comes first': async (db, other) => {
      const { change, matches } = await ready(db);
      const candidates = [{ key: 'k1', situation: 'refused' }] as const;
      const refusals = [
        ['a1', 'b1'],
        ['a2', 'b3'],
      ] as const;
      const decision = { ...change, decisions: 0, candidates, refusals };
      expect(await matches.decide(decision, receiptRow('refused'))).toBe(true);
      expect(await db.receipt('refused')).toBeDefined();
      const shapes = [
        ['k1', '1/1 1/1 1'],
        ['k2', '1/1 2/2 1'],
      ];
      expect(await shapeOf(other.matches, ['k1', 'k2'])).toEqual(shapes);
      expect(await matches.countCandidates('run')).toMatchObject({ refused: 1 });
      const pairs = [
        ['b1', 'a1'],
        ['b2', 'a2'],
      ] as const;
      expect(await other.matches.refusedPairs(['far', 'acme'], pairs)).toEqual([['b1', 'a1']]);
      expect(await other.matches.refusedPairs(['acme', 'far'], pairs)).toEqual([]);
      expect(await matches.decide({ ...decision, decisions: 1 })).toBe(true);
    },

    'are confirmed with their links, only where nothing has changed': async (db, other) => {
      const { change, matches } = await ready(db);
      const links = {
        ids: ['emp-1'],
        ends: [
          { side: 0, upstreamId: 'a1', linkId: 'emp-1', linkedTo: 'b1' },
          { side: 1, upstreamId: 'b1', linkId: 'emp-1', linkedTo: 'a1' },
        ],
      } as const;
      const candidates = [{ key: 'k1', situation: 'already_linked' }] as const;
      const decision = { ...change, decisions: 0, candidates, links };
      const wanted = { id: 'emp-1', targets: { acme: 'a1', far: 'b1' } };
      const confirmation = { links: [wanted], linksVersion: 1, pairs: [['a1', 'b1']] } as const;
      const confirm = (given: object, at: object, name: string) =>
        other.matches.confirm(
          { ...decision, ...given },
          { ...confirmation, ...at },
          receiptRow(name),
        );
      await db.changeLinks([{ id: 'z', targets: { acme: 'z' } }], receiptRow('z'));
      expect(await confirm({}, { linksVersion: 0 }, 'old links')).toBeUndefined();
      expect(await confirm({ decisions: 1 }, {}, 'later')).toBeUndefined();
      expect(await confirm({ fence: 9 }, {}, 'other fence')).toBeUndefined();
      expect(await db.link('emp-1')).toBeUndefined();
      expect(await shapeOf(matches, ['k1'])).toEqual([['k1', '1/1 1/1 0']]);

      // None of them has counted as a decision.
      expect(await confirm({ decisions: 0 }, {}, 'confirmed')).toBe(2);
      expect(await db.link('emp-1')).toEqual({ ...wanted, version: 2 });
      const at = { target: 'far', upstreamId: 'b1' };
      expect(await db.links({ after: '', max: 9, at })).toHaveLength(1);
      expect(await shapeOf(matches, ['k1'])).toEqual([['k1', '0/1 0/1 0']]);
      expect(await matches.countCandidates('run')).toMatchObject({ already_linked: 1 });
      expect(await receiptIds(db)).toEqual(['confirmed', 'z', 'start of run']);
    },

    'are not confirmed where the pair was refused meanwhile': async (db) => {
      const { change, matches } = await ready(db);
      await matches.decide({ ...change, decisions: 0, refusals: [['a1', 'b1']] });
      const links = [{ id: 'emp-1', targets: { acme: 'a1', far: 'b1' } }];
      const { decisions = -1 } = (await matches.run('run')) ?? {};
      const confirmation = { links, linksVersion: 0, pairs: [['a1', 'b1']] } as const;
      const refused = await matches.confirm(
        { ...change, decisions },
        confirmation,
        receiptRow('w'),
      );
      expect(refused).toBeUndefined();
      expect(await db.link('emp-1')).toBeUndefined();
      expect(await db.control()).toMatchObject({ linksVersion: 0 });
    },
  },
};
