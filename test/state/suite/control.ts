import { expect } from 'vitest';
import { type Chapter, receiptRow, sleep, startReplica } from './store.ts';

/** What holds for all replicas. */
export const CONTROL: Chapter = {
  control: {
    'is empty at first': async (db) => {
      expect(await db.control()).toEqual({ linksVersion: 0, drains: [], cooldowns: [] });
    },

    'has the targets that are drained, as the first who drained them said': async (db, other) => {
      const beforeMs = Date.now();
      const drain = { by: 'ops', reason: 'ticket 4711' };
      await db.setDrain('acme', drain, receiptRow('w1', { kind: 'drain' }));
      await other.setDrain('acme', { by: 'dev', reason: '' }, receiptRow('w2', { kind: 'drain' }));
      const { drains } = await other.control();
      expect(drains).toEqual([{ target: 'acme', sinceMs: expect.any(Number), ...drain }]);
      expect(Math.abs((drains[0]?.sinceMs ?? 0) - beforeMs)).toBeLessThan(60_000);
      expect((await db.receipt('w1'))?.outcome).toBe('applied');
      expect((await db.receipt('w2'))?.outcome).toBe('noop');
    },

    'has them no more once they are undrained': async (db, other) => {
      await db.setDrain('acme', { by: '', reason: '' }, receiptRow('w1'));
      await db.setDrain('far', { by: '', reason: '' }, receiptRow('w2'));
      await other.setDrain('acme', undefined, receiptRow('w3', { kind: 'undrain' }));
      await other.setDrain('acme', undefined, receiptRow('w4', { kind: 'undrain' }));
      expect((await db.control()).drains).toMatchObject([{ target: 'far' }]);
      expect((await db.receipt('w3'))?.outcome).toBe('applied');
      expect((await db.receipt('w4'))?.outcome).toBe('noop');
    },

    'does not repeat a change that is stored, whatever came after it': async (db, other) => {
      const drain = { by: '', reason: '' };
      await db.setDrain('acme', drain, receiptRow('w1', { kind: 'drain' }));
      await other.setDrain('acme', undefined, receiptRow('w2', { kind: 'undrain' }));
      await db.setDrain('acme', drain, receiptRow('w1', { kind: 'drain' }));
      expect((await other.control()).drains).toEqual([]);
      await other.setDrain('acme', drain, receiptRow('w3', { kind: 'drain' }));
      await db.setDrain('acme', undefined, receiptRow('w2', { kind: 'undrain' }));
      expect((await other.control()).drains).toMatchObject([{ target: 'acme' }]);
      expect((await db.receipt('w2'))?.outcome).toBe('applied');
    },

    'has what was asked for last, also where that was stored first': async (db, other) => {
      const row = (writeId: string, kind: string) => receiptRow(writeId, { kind, id: '', key: '' });
      const drain = { by: 'ops', reason: '' };
      await db.setDrain('acme', drain, { ...row('w1', 'drain'), target: 'acme' });
      await sleep(400);
      const undrain = { ...row('w2', 'undrain'), target: 'acme' };
      await other.setDrain('acme', undefined, undrain, 60_000);
      expect((await db.control()).drains).toMatchObject([{ target: 'acme' }]);
      expect((await db.receipt('w2'))?.outcome).toBe('noop');
      // That one was asked for before the drain, so it is not what the next one is compared with.
      await other.setDrain('acme', undefined, { ...row('w3', 'undrain'), target: 'acme' }, 200);
      expect((await db.control()).drains).toEqual([]);
      await other.setDrain('acme', drain, { ...row('w4', 'drain'), target: 'acme' }, 60_000);
      expect((await db.control()).drains).toEqual([]);
      await other.setDrain('far', drain, { ...row('w5', 'drain'), target: 'far' }, 60_000);
      expect((await db.control()).drains).toMatchObject([{ target: 'far' }]);
    },

    'has the credentials that are not sent, for the longest time anybody said': async (
      db,
      other,
    ) => {
      await db.setCooldown({ credential: 'c1', lengthMs: 30_000 });
      await other.setCooldown({ credential: 'c1', lengthMs: 60_000 });
      await db.setCooldown({ credential: 'c1', lengthMs: 30_000 });
      await db.setCooldown({ credential: 'c2', lengthMs: 1 });
      await sleep(5);
      const { cooldowns } = await other.control();
      const [first, second] = cooldowns.toSorted((a, b) => (a.credential < b.credential ? -1 : 1));
      expect(first).toMatchObject({ credential: 'c1', lengthMs: 60_000 });
      expect(first?.leftMs).toBeGreaterThan(50_000);
      expect(first?.leftMs).toBeLessThanOrEqual(60_000);
      expect(second?.leftMs).toBeLessThanOrEqual(0);
      await db.setCooldown({ credential: 'c1', lengthMs: 0 });
      expect((await other.control()).cooldowns).toMatchObject([{ credential: 'c2' }]);
    },

    'shows with each beat which links a replica follows': async (db, other) => {
      const [one, two] = [await startReplica(db), await startReplica(other)];
      await db.beat(one, 7);
      const seen = await other.beat(two);
      expect(seen?.map(({ linksVersion }) => linksVersion)).toEqual([7, 0]);
      expect((await db.replicas()).map(({ linksVersion }) => linksVersion)).toEqual([7, 0]);
    },
  },
};
