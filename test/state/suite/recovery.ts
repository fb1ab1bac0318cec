import { expect } from 'vitest';
import {
  abandoned,
  begin,
  begun,
  type Chapter,
  end,
  inDoubtMs,
  KEY,
  listInDoubt,
  only,
  settled,
  sleep,
  startReplica,
} from './store.ts';

/** A time in doubt that outlasts a test. */
const LONG_MS = 60_000;

/** Leases of sessions that are closed. */
export const RECOVERY: Chapter = {
  orphans: {
    'are what a closed session holds, with its intent and age, at most as many as asked': async (
      db,
      other,
    ) => {
      const [dead, living] = [await startReplica(db), await startReplica(other)];
      const leases = [];
      for (const key of ['a', 'b', 'c']) leases.push(await begun(db, dead, `of ${key}`, { key }));
      await end(db, await begun(db, dead, 'ended', { key: 'd' }));
      await begun(other, living, 'alive', { key: 'e' });
      expect(await other.orphans(10)).toEqual([]);
      await db.closeReplica(dead);
      const found = await other.orphans(10);
      const sorted = found.toSorted((one, two) => (one.key < two.key ? -1 : 1));
      expect(sorted).toEqual(
        leases.map((lease) => ({
          ...lease,
          intent: `{"of":"${lease.writeId}"}`,
          replica: dead,
          ageMs: expect.any(Number),
          inDoubtMs: 0,
        })),
      );
      for (const { ageMs } of found) {
        expect(ageMs).toBeGreaterThanOrEqual(0);
        expect(ageMs).toBeLessThan(10_000);
      }
      expect(await other.orphans(2)).toHaveLength(2);
    },

    'have the age of the write that holds them, not of an earlier one': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'));
      await sleep(300);
      const startedMs = performance.now();
      await begun(db, replica, 'w2');
      await db.closeReplica(replica);
      const { ageMs } = only(await db.orphans(10));
      expect(ageMs).toBeLessThan(performance.now() - startedMs + 100);
    },

    'include leases that a session began after it was closed and removed': async (db, other) => {
      const replica = await startReplica(db);
      await other.closeReplica(replica);
      await other.prune({ receiptMs: 0, answerMs: 0, idleMs: 0 }, 100);
      const row = await begin(db, replica, 'w1');
      const found = (await other.orphans(10)).map(({ writeId }) => writeId);
      expect(found).toEqual(row.kind === 'begun' ? ['w1'] : []);
    },

    'keep their age and come back where their recoverer is closed too': async (db, other) => {
      const lease = await abandoned(db, 'w1');
      const recoverer = await startReplica(other);
      const [fence = 0] = await other.takeOver(recoverer, [{ ...lease, settleMs: LONG_MS }]);
      expect(await db.orphans(10)).toEqual([]);
      await sleep(60);
      await other.closeReplica(recoverer);
      const orphan = only(await db.orphans(10));
      expect(orphan).toMatchObject({ ...lease, fence, replica: recoverer });
      expect(orphan.intent).toBe('{"of":"w1"}');
      expect(orphan.ageMs).toBeGreaterThanOrEqual(50);
      expect(orphan.inDoubtMs).toBeGreaterThan(LONG_MS / 2);
    },
  },

  takeOver: {
    'gives a lease to one of those who try, with a later fence, and in doubt': async (
      db,
      other,
    ) => {
      const lease = await abandoned(db, 'w1');
      const [one, two] = [await startReplica(db), await startReplica(other)];
      const item = { key: lease.key, fence: lease.fence, settleMs: LONG_MS };
      const taken = await Promise.all([db.takeOver(one, [item]), other.takeOver(two, [item])]);
      const fences = taken.flat().filter((fence) => fence !== undefined);
      expect(taken.flat()).toHaveLength(2);
      expect(fences).toHaveLength(1);
      expect(fences[0]).toBeGreaterThan(lease.fence);
      expect(await db.takeOver(one, [item])).toEqual([undefined]);
      expect(await db.orphans(10)).toEqual([]);
      const leftMs = await inDoubtMs(db);
      expect(leftMs).toBeGreaterThan(LONG_MS / 2);
      expect(leftMs).toBeLessThanOrEqual(LONG_MS);
      expect(await begin(db, one, 'w2')).toMatchObject({ kind: 'in_doubt' });
      expect(await listInDoubt(db)).toMatchObject([{ key: KEY, intent: '{"of":"w1"}' }]);
    },

    'ends with the recoverer: settled at once, or in doubt for as long as it says': async (db) => {
      const recoverer = await startReplica(db);
      for (const doubtMs of [0, LONG_MS]) {
        const lease = await abandoned(db, `w${doubtMs}`);
        const [fence = 0] = await db.takeOver(recoverer, [{ ...lease, settleMs: 2 * LONG_MS }]);
        expect(await db.liftDoubt(KEY)).toBe(false);
        expect(await end(db, { ...lease, fence }, { doubtMs })).toBe('stored');
        const leftMs = await inDoubtMs(db);
        expect(leftMs).toBeLessThanOrEqual(doubtMs);
        expect(leftMs > 0).toBe(doubtMs > 0);
      }
    },

    'is held once it is settled, until the recoverer ends it': async (db) => {
      const lease = await abandoned(db, 'w1');
      const recoverer = await startReplica(db);
      const [fence = 0] = await db.takeOver(recoverer, [{ ...lease, settleMs: 1 }]);
      await settled(db);
      expect(await begin(db, recoverer, 'w2')).toMatchObject({ kind: 'held' });
      await end(db, { ...lease, fence });
      expect((await begun(db, recoverer, 'w3')).fence).toBeGreaterThan(fence);
    },

    'answers its items in their order, undefined for leases that are not held so': async (db) => {
      const lease = await abandoned(db, 'w1');
      const replica = await startReplica(db);
      const free = await begun(db, replica, 'w2', { key: 'free' });
      await end(db, free);
      const taken = await db.takeOver(replica, [
        { key: 'none', fence: 1, settleMs: 1 },
        { ...free, settleMs: LONG_MS },
        { ...lease, fence: lease.fence + 1, settleMs: LONG_MS },
        { ...lease, settleMs: LONG_MS },
      ]);
      expect(taken).toEqual([undefined, undefined, undefined, expect.any(Number)]);
      expect(await db.inDoubtMs(['none', 'free'])).toEqual([0, 0]);
      expect(await db.takeOver(replica, [])).toEqual([]);
    },
  },
};
