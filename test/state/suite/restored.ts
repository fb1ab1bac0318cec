import { expect } from 'vitest';
import { begin, begun, type Chapter, end, inDoubtMs, startReplica } from './store.ts';

const HOUR_MS = 3_600_000;
const LONG_MS = 60_000;

/** A database of an earlier time. */
export const RESTORED: Chapter = {
  markRestored: {
    'goes on above every fence and session that may have been given since': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await end(db, lease);
      // The most that a gateway can have given until now, since 1970.
      const given = Math.floor(Date.now() / 1000 - LONG_MS / 1000) * 2 ** 20;
      await other.markRestored(HOUR_MS);
      const next = await startReplica(db);
      const { fence } = await begun(db, next, 'w2');
      for (const number of [next, fence]) {
        expect(Number.isSafeInteger(number)).toBe(true);
        expect(number).toBeGreaterThan(given);
      }
      await other.markRestored(HOUR_MS);
      const last = await startReplica(db);
      expect(last).toBeGreaterThan(next);
      expect((await begun(db, last, 'w3', { key: 'other' })).fence).toBeGreaterThan(fence);
    },

    'holds in a database in which there was no session yet': async (db) => {
      await db.markRestored(HOUR_MS);
      expect(await startReplica(db)).toBeGreaterThan(2 ** 40);
    },

    'closes every session and frees what it held, and leaves marks': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await end(db, await begun(db, replica, 'w2', { key: 'marked' }), { doubtMs: LONG_MS });
      await other.markRestored(HOUR_MS);
      expect(await db.beat(replica)).toBeUndefined();
      expect(await db.replicas()).toEqual([]);
      expect(await db.orphans(10)).toEqual([]);
      expect(await end(db, lease)).toBe('fenced');
      expect(await inDoubtMs(db, 'marked')).toBeGreaterThan(0);
      expect((await begin(db, await startReplica(db), 'w3')).kind).toBe('begun');
    },

    'says for how long answers may be missing': async (db, other) => {
      expect(await db.keysLostMs()).toBe(0);
      await db.markRestored(HOUR_MS);
      expect(await other.keysLostMs()).toBeGreaterThan(HOUR_MS - LONG_MS);
      expect(await other.keysLostMs()).toBeLessThanOrEqual(HOUR_MS);
      await db.markRestored(0);
      expect(await other.keysLostMs()).toBeGreaterThan(0);
    },
  },
};
