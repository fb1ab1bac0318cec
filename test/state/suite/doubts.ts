import { expect } from 'vitest';
import {
  begin,
  begun,
  type Chapter,
  end,
  inDoubtMs,
  KEY,
  listInDoubt,
  only,
  settled,
  startReplica,
} from './store.ts';

/** Time in doubt that outlasts a test, and one that a test waits for. */
const LONG_MS = 60_000;
const SHORT_MS = 1_000;

/** Profiles in doubt. */
export const DOUBTS: Chapter = {
  'a profile in doubt': {
    'is refused for as long as the end of its write says, and then begun': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await end(db, lease, { doubtMs: SHORT_MS });
      const row = await begin(other, replica, 'w2');
      if (row.kind !== 'in_doubt') throw new Error(row.kind);
      expect(row.leftMs).toBeGreaterThan(0);
      expect(row.leftMs).toBeLessThanOrEqual(SHORT_MS);
      expect(await other.inDoubtMs(['none', KEY])).toEqual([0, expect.any(Number)]);
      expect(await inDoubtMs(db)).toBeGreaterThan(0);
      await settled(db);
      expect((await begun(other, replica, 'w3')).fence).toBeGreaterThan(lease.fence);
      expect(await inDoubtMs(db)).toBe(0);
    },

    'is settled as soon as its write ends otherwise': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { doubtMs: SHORT_MS });
      await settled(db);
      await end(db, await begun(db, replica, 'w2'), { doubtMs: 0 });
      expect(await inDoubtMs(db)).toBe(0);
      expect(await listInDoubt(db)).toEqual([]);
    },

    'is listed with the intent of its write until it is settled': async (db, other) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { doubtMs: SHORT_MS });
      await end(db, await begun(db, replica, 'w2', { key: 'settled' }));
      const row = only(await listInDoubt(other));
      expect(row).toMatchObject({ key: KEY, intent: '{"of":"w1"}', writeId: 'w1' });
      expect(row.ageMs).toBeGreaterThanOrEqual(0);
      expect(row.ageMs).toBeLessThan(LONG_MS);
      expect(row.leftMs).toBeGreaterThan(0);
      expect(row.leftMs).toBeLessThanOrEqual(SHORT_MS);
      await settled(db);
      expect(await listInDoubt(other)).toEqual([]);
    },

    'is listed in the order of keys, a page at a time': async (db) => {
      const keys = ['B', 'a', 'a\n', 'b', 'é', '￿', '😀'];
      for (const key of keys.toReversed()) await db.raiseDoubt(key, LONG_MS);
      const first = await listInDoubt(db, 3);
      const second = await listInDoubt(db, 3, 'a\n');
      const third = await listInDoubt(db, 3, '￿');
      expect([...first, ...second, ...third].map(({ key }) => key)).toEqual(keys);
      expect(await listInDoubt(db, 3, '😀')).toEqual([]);
      expect(first[0]?.intent).toBeUndefined();
    },

    'holds up writes whose former key it is, and so does a profile that is held': async (
      db,
      other,
    ) => {
      const replica = await startReplica(db);
      const item = { key: 'new', formerKey: KEY };
      const lease = await begun(db, replica, 'w1');
      const whileHeld = await begin(other, replica, 'w2', item);
      if (whileHeld.kind !== 'in_doubt') throw new Error(whileHeld.kind);
      expect(whileHeld.leftMs).toBeGreaterThan(0);
      await end(db, lease, { doubtMs: SHORT_MS });
      const inDoubt = await begin(other, replica, 'w3', item);
      if (inDoubt.kind !== 'in_doubt') throw new Error(inDoubt.kind);
      expect(inDoubt.leftMs).toBeLessThanOrEqual(SHORT_MS);
      await settled(db);
      await begun(other, replica, 'w4', item);
      expect(await begin(db, replica, 'w5', { key: 'b', formerKey: 'none' })).toMatchObject({
        kind: 'begun',
      });
    },

    'leaves no lease behind where a write was refused': async (db) => {
      const replica = await startReplica(db);
      await db.raiseDoubt(KEY, LONG_MS);
      await begin(db, replica, 'w1');
      await begin(db, replica, 'w2', { key: 'new', formerKey: KEY });
      await db.closeReplica(replica);
      expect(await db.orphans(10)).toEqual([]);
    },
  },

  raiseDoubt: {
    'never ends an earlier time sooner': async (db, other) => {
      await db.raiseDoubt(KEY, LONG_MS);
      await other.raiseDoubt(KEY, 1);
      expect(await inDoubtMs(db)).toBeGreaterThan(LONG_MS / 2);
      await other.raiseDoubt(KEY, 2 * LONG_MS);
      expect(await inDoubtMs(db)).toBeGreaterThan(LONG_MS);
    },

    'lasts whoever writes the profile, and keeps their lease and fence': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await other.raiseDoubt(KEY, LONG_MS);
      expect(await begin(other, replica, 'w2')).toMatchObject({ kind: 'in_doubt' });
      expect(await db.amend([{ ...lease, intent: '"amended"' }])).toEqual([true]);
      expect(await end(db, lease, { doubtMs: 0 })).toBe('stored');
      expect(await inDoubtMs(db)).toBeGreaterThan(LONG_MS / 2);
      expect(await begin(db, replica, 'w3')).toMatchObject({ kind: 'in_doubt' });
    },

    'does not show the intent of a write that has ended well': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { doubtMs: SHORT_MS });
      await settled(db);
      await db.raiseDoubt(KEY, LONG_MS);
      const row = only(await listInDoubt(db));
      expect(row).toEqual({ key: KEY, leftMs: expect.any(Number), intent: undefined });
    },
  },

  figures: {
    'counts the profiles in doubt, and no others': async (db, other) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { doubtMs: SHORT_MS });
      await settled(db);
      expect(await other.figures()).toMatchObject({ inDoubt: 0 });
      await end(db, await begun(db, replica, 'w2'), { doubtMs: LONG_MS });
      await db.raiseDoubt('raised', LONG_MS);
      expect(await other.figures()).toMatchObject({ inDoubt: 2 });
    },
  },

  liftDoubt: {
    'settles a profile that no replica holds': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await end(db, lease, { doubtMs: LONG_MS });
      expect(await other.liftDoubt(KEY)).toBe(true);
      expect(await inDoubtMs(db)).toBe(0);
      expect(await listInDoubt(db)).toEqual([]);
      expect(await other.liftDoubt(KEY)).toBe(false);
      expect((await begun(db, replica, 'w2')).fence).toBeGreaterThan(lease.fence);
      await db.raiseDoubt('raised', LONG_MS);
      expect(await db.liftDoubt('raised')).toBe(true);
      expect(await inDoubtMs(db, 'raised')).toBe(0);
    },

    'leaves a profile that a replica holds, and one that is settled or unknown': async (db) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await db.raiseDoubt(KEY, LONG_MS);
      expect(await db.liftDoubt(KEY)).toBe(false);
      expect(await inDoubtMs(db)).toBeGreaterThan(0);
      expect(await end(db, lease)).toBe('stored');
      await end(db, await begun(db, replica, 'w2', { key: 'settled' }));
      expect(await db.liftDoubt('settled')).toBe(false);
      expect(await db.liftDoubt('none')).toBe(false);
    },
  },
};
