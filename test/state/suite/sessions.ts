import { expect } from 'vitest';
import { begun, type Chapter, startReplica } from './store.ts';

/** Sessions of replicas, and their beats. */
export const SESSIONS: Chapter = {
  sessions: {
    'have numbers that no other ever had, on whatever connection': async (db, other) => {
      const numbers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => startReplica(index % 2 === 0 ? db : other)),
      );
      expect(new Set(numbers).size).toBe(10);
      expect(numbers.every((number) => Number.isSafeInteger(number) && number > 0)).toBe(true);
    },

    'do not use the number of a session again that was closed and removed': async (db) => {
      const first = await startReplica(db);
      await db.closeReplica(first);
      await db.prune({ receiptMs: 0, answerMs: 0, idleMs: 0 }, 100);
      expect(await startReplica(db)).toBeGreaterThan(first);
    },

    'are listed by a beat, each with its beats, name, version and start': async (db, other) => {
      const beforeMs = Date.now();
      const first = await db.startReplica({ name: 'one', version: '1.2.3' });
      const second = await other.startReplica({ name: 'two', version: '1.2.4' });
      const before = await db.beat(first);
      const after = await other.beat(first);
      expect(before?.map(({ replica }) => replica)).toEqual([first, second]);
      const [one, two] = after ?? [];
      expect(one).toMatchObject({ replica: first, name: 'one', version: '1.2.3' });
      expect(two).toMatchObject({ replica: second, name: 'two', version: '1.2.4' });
      expect(one?.beat).toBe((before?.[0]?.beat ?? 0) + 1);
      expect(two?.beat).toBe(before?.[1]?.beat);
      // The store is a process of this machine, so that its clock is about this one.
      expect(Math.abs((one?.startedAtMs ?? 0) - beforeMs)).toBeLessThan(60_000);
    },

    'that are closed are not listed, and have no more beats': async (db, other) => {
      const [first, second] = [await startReplica(db), await startReplica(other)];
      expect(await db.closeReplica(first)).toBe(true);
      expect(await db.beat(first)).toBeUndefined();
      expect((await other.beat(second))?.map(({ replica }) => replica)).toEqual([second]);
      const open = await db.replicas();
      expect(open).toEqual([expect.objectContaining({ replica: second, beat: 1 })]);
    },

    'that never were have no beats and cannot be closed': async (db) => {
      expect(await db.beat(4_711)).toBeUndefined();
      expect(await db.closeReplica(4_711)).toBe(false);
      expect(await db.closeReplica(4_711, 0)).toBe(false);
    },

    'of others are closed only while their last beat is the one that was seen': async (
      db,
      other,
    ) => {
      const [observer, observed] = [await startReplica(db), await startReplica(other)];
      const seen = (await db.beat(observer))?.find(({ replica }) => replica === observed);
      const beat = seen?.beat ?? Number.NaN;
      await other.beat(observed);
      expect(await db.closeReplica(observed, beat)).toBe(false);
      expect(await other.beat(observed)).toHaveLength(2);
      expect(await db.closeReplica(observed, beat + 2)).toBe(true);
      expect(await other.beat(observed)).toBeUndefined();
    },

    'that nobody has heard from are closed with the beat they started with': async (db, other) => {
      const [observer, observed] = [await startReplica(db), await startReplica(other)];
      const seen = (await db.beat(observer))?.find(({ replica }) => replica === observed);
      expect(await db.closeReplica(observed, seen?.beat)).toBe(true);
    },

    'are closed by one of those who try at once': async (db, other) => {
      const observed = await startReplica(db);
      const beat = (await db.beat(observed))?.[0]?.beat;
      const closed = await Promise.all([
        db.closeReplica(observed, beat),
        other.closeReplica(observed, beat),
      ]);
      expect(closed.toSorted()).toEqual([false, true]);
      expect(await db.closeReplica(observed)).toBe(false);
    },

    'leave their leases to be recovered when they are closed': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      expect(await other.orphans(10)).toEqual([]);
      await db.closeReplica(replica);
      expect(await other.orphans(10)).toMatchObject([{ ...lease, replica }]);
    },
  },
};
