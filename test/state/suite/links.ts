import { expect } from 'vitest';
import type { LinkRow } from '../../../src/state/control/control-rows.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import { begin, begun, type Chapter, end, receiptIds, receiptRow, startReplica } from './store.ts';

const START = { version: 0, id: '' };

/** Sets one link, or removes it. */
function change(db: StateDatabase, id: string, targets?: LinkRow['targets']): Promise<number> {
  return db.changeLinks([{ id, targets }], receiptRow(`change of ${id} ${Math.random()}`));
}

const idsOf = (rows: readonly LinkRow[]): string[] => rows.map(({ id }) => id);

/** Links that the API has changed, and the writes that follow them. */
export const LINKS: Chapter = {
  links: {
    'are none at first, of version 0': async (db) => {
      expect(await db.linkChanges(START, 10)).toEqual({ version: 0, rows: [] });
      expect(await db.link('emp-1')).toBeUndefined();
      expect(await db.links({ after: '', max: 10 })).toEqual([]);
      expect(await db.control()).toMatchObject({ linksVersion: 0 });
    },

    'are set, replaced and removed, each time with the next version': async (db, other) => {
      expect(await change(db, 'emp-1', { acme: 'a1', far: 'f1' })).toBe(1);
      expect(await change(other, 'emp-1', { acme: 'a2' })).toBe(2);
      expect(await other.link('emp-1')).toEqual({
        id: 'emp-1',
        targets: { acme: 'a2' },
        version: 2,
      });
      expect(await change(db, 'emp-1')).toBe(3);
      expect(await other.link('emp-1')).toMatchObject({ id: 'emp-1', version: 3 });
      expect((await other.link('emp-1'))?.targets).toBeUndefined();
      expect(await db.control()).toMatchObject({ linksVersion: 3 });
    },

    'of one change have one version, and its receipt is stored with them': async (db) => {
      const links = ['emp-1', 'emp-2', 'ä:{}"\\'].map((id) => ({
        id,
        targets: { acme: `of ${id}` },
      }));
      expect(await db.changeLinks(links, receiptRow('w1', { kind: 'import_links' }))).toBe(1);
      const { rows, version } = await db.linkChanges(START, 10);
      expect(version).toBe(1);
      expect(rows).toEqual(links.map((link) => ({ ...link, version: 1 })));
      expect(await db.receipt('w1')).toMatchObject({ kind: 'import_links', outcome: 'applied' });
    },

    'are followed in pages, in the order in which they were changed': async (db, other) => {
      await change(db, 'c', { acme: '1' });
      const two = ['b', 'a'].map((id) => ({ id, targets: { acme: '2' } }));
      await db.changeLinks(two, receiptRow('w1'));
      await change(db, 'd');
      const first = await other.linkChanges(START, 2);
      expect([first.version, idsOf(first.rows)]).toEqual([3, ['c', 'a']]);
      const last = first.rows.at(-1) ?? START;
      // Changed again, it comes again.
      await change(db, 'c', { acme: '4' });
      const rest = await other.linkChanges(last, 10);
      expect(rest.version).toBe(4);
      expect(idsOf(rest.rows)).toEqual(['b', 'd', 'c']);
      expect(await other.linkChanges(rest.rows.at(-1) ?? START, 10)).toMatchObject({ rows: [] });
    },

    'with targets are listed in the order of their ids': async (db) => {
      for (const id of ['b', 'a', 'c', 'B']) await change(db, id, { acme: 'x' });
      await change(db, 'c');
      expect(idsOf(await db.links({ after: '', max: 2 }))).toEqual(['B', 'a']);
      expect(idsOf(await db.links({ after: 'a', max: 2 }))).toEqual(['b']);
    },

    'are found by what they say now': async (db) => {
      await change(db, 'a', { acme: 'x', far: 'y' });
      await change(db, 'b', { acme: 'x' });
      await change(db, 'c', { acme: 'x' });
      await change(db, 'c', { acme: 'z' });
      await change(db, 'd', { far: 'x' });
      const at = { target: 'acme', upstreamId: 'x' };
      expect(idsOf(await db.links({ after: '', max: 10, at }))).toEqual(['a', 'b']);
      expect(idsOf(await db.links({ after: 'a', max: 10, at }))).toEqual(['b']);
      expect(idsOf(await db.links({ after: '', max: 1, at }))).toEqual(['a']);
      await change(db, 'a');
      expect(idsOf(await db.links({ after: '', max: 10, at }))).toEqual(['b']);
      const far = { target: 'far', upstreamId: 'y' };
      expect(await db.links({ after: '', max: 10, at: far })).toEqual([]);
    },

    'that many change at once each have a version of their own': async (db, other) => {
      const versions = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          change(i % 2 === 0 ? db : other, `emp-${i % 3}`, { acme: `a${i}` }),
        ),
      );
      expect(versions.toSorted((a, b) => a - b)).toEqual(versions.map((_, i) => i + 1));
      expect(await receiptIds(db)).toHaveLength(20);
    },
  },

  'a profile that was deleted': {
    'leaves its links with the end of the write, and only those': async (db, other) => {
      const replica = await startReplica(db);
      await change(db, 'two', { acme: 'a1', far: 'f1' });
      await change(db, 'one', { acme: 'a1' });
      await change(db, 'moved', { acme: 'a2' });
      const links = [
        { id: 'two', below: {} },
        { id: 'one', below: {} },
        { id: 'moved', below: { acme: 'a1' } },
        { id: 'of a file', below: { acme: 'a1' } },
        { id: 'of a file too', below: { acme: 'a1', east: 'a1', far: 'f2' } },
      ];
      const unlink = { targets: ['acme', 'east'], upstreamId: 'a1', links };
      const before = (await db.control()).linksVersion;
      const lease = await begun(db, replica, 'w1');
      expect(await end(db, lease, { unlink })).toBe('stored');
      expect(await db.receipt('w1')).toMatchObject({ outcome: 'applied' });
      const rows = await Promise.all(links.map(({ id }) => other.link(id)));
      expect(rows.map((row) => row?.targets)).toEqual([
        { far: 'f1' },
        undefined,
        { acme: 'a2' },
        undefined,
        { far: 'f2' },
      ]);
      const changed = await other.linkChanges({ version: before, id: '\uffff' }, 10);
      expect(idsOf(changed.rows)).toEqual(expect.arrayContaining(['two', 'one', 'of a file']));
      const at = { target: 'acme', upstreamId: 'a1' };
      expect(await db.links({ after: '', max: 10, at })).toEqual([]);
    },

    'leaves them once, however often its end is stored': async (db, other) => {
      const replica = await startReplica(db);
      await change(db, 'one', { acme: 'a1' });
      const unlink = { targets: ['acme'], upstreamId: 'a1', links: [{ id: 'one', below: {} }] };
      const lease = await begun(db, replica, 'w1');
      expect(await end(db, lease, { unlink })).toBe('stored');
      expect(await end(db, lease, { unlink })).toBe('stored');
      expect((await other.link('one'))?.targets).toBeUndefined();
    },

    'leaves a link that others leave in the same step': async (db, other) => {
      const replica = await startReplica(db);
      await change(db, 'two', { acme: 'a1', far: 'f1', east: 'e1' });
      const profiles = [
        { targets: ['acme'], upstreamId: 'a1', links: [{ id: 'two', below: {} }] },
        { targets: ['far'], upstreamId: 'f1', links: [{ id: 'two', below: {} }] },
        { targets: ['east'], upstreamId: 'e2', links: [] },
      ];
      const items = await Promise.all(
        profiles.map(async (unlink, i) => {
          const lease = await begun(db, replica, `w${i}`, { key: `key ${i}` });
          return { ...lease, doubtMs: 0, receipt: receiptRow(`w${i}`), unlink };
        }),
      );
      expect(await db.end(items)).toEqual(['stored', 'stored', 'stored']);
      expect((await other.link('two'))?.targets).toEqual({ east: 'e1' });
    },

    'stays in its links where another has closed the write': async (db, other) => {
      const replica = await startReplica(db);
      await change(db, 'one', { acme: 'a1' });
      const unlink = { targets: ['acme'], upstreamId: 'a1', links: [{ id: 'one', below: {} }] };
      const lease = await begun(db, replica, 'w1');
      const closed = { ...lease, fence: lease.fence + 1 };
      expect(await end(db, closed, { unlink })).toBe('fenced');
      expect((await other.link('one'))?.targets).toEqual({ acme: 'a1' });
    },
  },

  'a target that is added to a link': {
    'is in it, beside those of the API, or else of the file': async (db, other) => {
      const lease = await begun(db, await startReplica(db), 'of the create');
      const added = { id: 'emp-1', target: 'acme', upstreamId: 'a1', below: { far: 'f1' } };
      expect(await db.addLinkTarget(lease, added, receiptRow('w1', { kind: 'link' }))).toBe(
        'linked',
      );
      expect(await other.link('emp-1')).toMatchObject({ targets: { acme: 'a1', far: 'f1' } });
      expect(await db.receipt('w1')).toMatchObject({ kind: 'link' });
      const second = { ...added, target: 'east', upstreamId: 'e1' };
      expect(await other.addLinkTarget(lease, second, receiptRow('w2'))).toBe('linked');
      const at = { target: 'east', upstreamId: 'e1' };
      const [row] = await db.links({ after: '', max: 10, at });
      expect(row?.targets).toEqual({ acme: 'a1', far: 'f1', east: 'e1' });
    },

    'is not put in the place of another profile': async (db, other) => {
      const lease = await begun(db, await startReplica(db), 'of the create');
      const added = { id: 'emp-1', target: 'acme', upstreamId: 'a1', below: {} };
      await change(db, 'emp-1', { acme: 'a0' });
      expect(await other.addLinkTarget(lease, added, receiptRow('w1'))).toBe('taken');
      expect(await db.link('emp-1')).toMatchObject({ targets: { acme: 'a0' } });
      expect(await db.receipt('w1')).toBeUndefined();
      const ofFile = { ...added, id: 'emp-2', below: { acme: 'a0' } };
      expect(await other.addLinkTarget(lease, ofFile, receiptRow('w2'))).toBe('taken');
      expect(await db.link('emp-2')).toBeUndefined();
    },

    'may be added again, and to an id whose link was removed': async (db) => {
      const lease = await begun(db, await startReplica(db), 'of the create');
      const added = { id: 'emp-1', target: 'acme', upstreamId: 'a1', below: { far: 'f1' } };
      await change(db, 'emp-1', { far: 'f0' });
      await change(db, 'emp-1');
      expect(await db.addLinkTarget(lease, added, receiptRow('w1'))).toBe('linked');
      expect(await db.addLinkTarget(lease, added, receiptRow('w2'))).toBe('linked');
      expect((await db.link('emp-1'))?.targets).toEqual({ acme: 'a1' });
      expect(await db.receipt('w2')).toBeUndefined();
    },

    'is added by one of many at once': async (db, other) => {
      const lease = await begun(db, await startReplica(db), 'of the create');
      const ends = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? db : other).addLinkTarget(
            lease,
            { id: 'emp-1', target: 'acme', upstreamId: `a${i}`, below: {} },
            receiptRow(`w${i}`),
          ),
        ),
      );
      expect(ends.filter((end) => end === 'linked')).toHaveLength(1);
      const winner = `a${ends.indexOf('linked')}`;
      expect((await db.link('emp-1'))?.targets).toEqual({ acme: winner });
    },

    'is not added once the write has ended, or another replica has it': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'of the create');
      const added = { id: 'emp-1', target: 'acme', upstreamId: 'a1', below: {} };
      const taken = { ...lease, fence: lease.fence + 1 };
      expect(await other.addLinkTarget(taken, added, receiptRow('w1'))).toBe('fenced');
      await end(db, lease);
      expect(await db.addLinkTarget(lease, added, receiptRow('w2'))).toBe('fenced');
      expect(await db.link('emp-1')).toBeUndefined();
      expect(await receiptIds(db)).toEqual(['of the create']);
    },
  },

  'a write that follows a link': {
    'begins while that is the one it was resolved by': async (db, other) => {
      const replica = await startReplica(db);
      const version = await change(other, 'emp-1', { acme: 'a1' });
      const lease = await begun(db, replica, 'w1', { link: { id: 'emp-1', version } });
      expect(await end(db, lease)).toBe('stored');
    },

    'does not begin once another link is in its place': async (db, other) => {
      const replica = await startReplica(db);
      const link = { id: 'emp-1', version: 0 };
      await end(db, await begun(db, replica, 'w1', { link }));
      const version = await change(other, 'emp-1', { acme: 'a1' });
      expect(await begin(db, replica, 'w2', { link })).toEqual({ kind: 'stale' });
      expect(await db.orphans(10)).toEqual([]);
      await end(db, await begun(db, replica, 'w3', { link: { ...link, version } }));
      await change(other, 'emp-1');
      expect(await begin(db, replica, 'w4', { link: { ...link, version } })).toEqual({
        kind: 'stale',
      });
    },

    'begins though links of others were changed': async (db, other) => {
      const replica = await startReplica(db);
      await change(other, 'emp-2', { acme: 'a2' });
      await begun(db, replica, 'w1', { link: { id: 'emp-1', version: 0 } });
    },

    'is judged by itself among those that begin with it': async (db, other) => {
      const replica = await startReplica(db);
      await change(other, 'emp-2', { acme: 'a2' });
      const items = ['emp-1', 'emp-2', undefined].map((id, i) => ({
        key: `key ${i}`,
        writeId: `w${i}`,
        intent: '{}',
        link: id === undefined ? undefined : { id, version: 0 },
      }));
      const rows = await db.begin(replica, items);
      expect(rows.map(({ kind }) => kind)).toEqual(['begun', 'stale', 'begun']);
    },

    'is told of its link first, whoever holds the profile': async (db, other) => {
      const replica = await startReplica(db);
      await begun(db, replica, 'w1');
      await change(other, 'emp-1', { acme: 'a1' });
      expect(await begin(db, replica, 'w2', { link: { id: 'emp-1', version: 0 } })).toEqual({
        kind: 'stale',
      });
    },
  },
};
