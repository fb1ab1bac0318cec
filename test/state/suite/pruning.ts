import { expect } from 'vitest';
import type { Retention, StateDatabase } from '../../../src/state/state-database.ts';
import {
  begin,
  begun,
  type Chapter,
  end,
  inDoubtMs,
  KEY,
  receiptIds,
  receiptRow,
  settled,
  startReplica,
} from './store.ts';

const LONG_MS = 60_000;
const NOTHING: Retention = { receiptMs: LONG_MS, answerMs: LONG_MS, idleMs: LONG_MS };
/** Most calls of `prune` of one test. */
const CALLS_MAX = 50;

/** Prunes until nothing goes any more; returns how many went. */
async function pruneAll(db: StateDatabase, limits: Partial<Retention>, max: number) {
  let went = 0;
  for (let call = 0; call < CALLS_MAX; call += 1) {
    const count = await db.prune({ ...NOTHING, ...limits }, max);
    if (count === 0) return went;
    went += count;
  }
  throw new Error('rows go on going');
}

/** Removing what has served its time. */
export const PRUNING: Chapter = {
  prune: {
    'removes nothing that has not served its time': async (db) => {
      const replica = await startReplica(db);
      const idempotency = { caller: '', id: 'alice', keyHash: 'h', fingerprint: 'f' };
      const answer = { ...idempotency, outcome: 'applied', sealed: 's' };
      const lease = await begun(db, replica, 'w1');
      await end(db, lease, { answer });
      await db.closeReplica(await startReplica(db));
      expect(await db.prune(NOTHING, 100)).toBe(0);
      expect(await receiptIds(db)).toEqual(['w1']);
      expect(await begin(db, replica, 'w2', { idempotency })).toMatchObject({
        kind: 'begun',
        answer: { sealed: 's' },
      });
    },

    'removes receipts a portion at a time, the oldest first': async (db, other) => {
      for (let index = 0; index < 5; index += 1) await db.addReceipt(receiptRow(`c${index}`));
      expect(await db.prune({ ...NOTHING, receiptMs: 0 }, 2)).toBe(2);
      expect(await receiptIds(db)).toEqual(['c4', 'c3', 'c2']);
      const position = (await db.receipt('c4'))?.position ?? 0;
      expect(await pruneAll(other, { receiptMs: 0 }, 2)).toBe(3);
      expect(await receiptIds(db)).toEqual([]);
      await db.addReceipt(receiptRow('next'));
      expect((await db.receipt('next'))?.position).toBeGreaterThan(position);
    },

    'removes answers, at most as many as asked': async (db) => {
      const replica = await startReplica(db);
      const keyOf = (index: number) => ({
        caller: 'crm',
        id: 'alice',
        keyHash: `h${index}`,
        fingerprint: 'f',
      });
      for (let index = 0; index < 3; index += 1) {
        const answer = { ...keyOf(index), outcome: 'applied', sealed: 's' };
        await end(db, await begun(db, replica, `w${index}`), { answer });
      }
      expect(await db.prune({ ...NOTHING, answerMs: 0 }, 2)).toBe(2);
      expect(await pruneAll(db, { answerMs: 0 }, 2)).toBe(1);
      for (let index = 0; index < 3; index += 1) {
        const item = { key: `k${index}`, idempotency: keyOf(index) };
        expect((await begin(db, replica, `x${index}`, item)).answer).toBeUndefined();
      }
      expect(await receiptIds(db)).toHaveLength(3);
    },

    'never lets fences fall by removing leases': async (db, other) => {
      const replica = await startReplica(db);
      let fence = 0;
      for (let round = 0; round < 5; round += 1) {
        const lease = await begun(db, replica, `w${round}`);
        expect(lease.fence).toBeGreaterThan(fence);
        fence = lease.fence;
        await end(other, lease);
        if (round % 2 === 0) await pruneAll(other, { idleMs: 0 }, 1);
      }
      await db.raiseDoubt(KEY, 1);
      await settled(db);
      await pruneAll(db, { idleMs: 0 }, 10);
      expect((await begun(db, replica, 'last')).fence).toBeGreaterThan(fence);
    },

    'fences off whoever held a lease before it was removed': async (db) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await end(db, lease, { receipt: undefined });
      await pruneAll(db, { idleMs: 0 }, 10);
      await begun(db, replica, 'w2');
      expect(await end(db, lease)).toBe('fenced');
      expect(await begin(db, replica, 'w3')).toMatchObject({ kind: 'held' });
    },

    'leaves leases that are held or in doubt': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1', { key: 'in doubt' }), { doubtMs: LONG_MS });
      await db.raiseDoubt('raised', LONG_MS);
      const held = await begun(db, replica, 'w2', { key: 'held' });
      await end(db, await begun(db, replica, 'w3', { key: 'idle' }));
      await pruneAll(db, { idleMs: 0 }, 1);
      expect(await inDoubtMs(db, 'in doubt')).toBeGreaterThan(0);
      expect(await inDoubtMs(db, 'raised')).toBeGreaterThan(0);
      expect(await end(db, held)).toBe('stored');
    },

    'removes closed sessions without leases, and no other': async (db) => {
      const [living, idle, holding] = [
        await startReplica(db),
        await startReplica(db),
        await startReplica(db),
      ];
      const lease = await begun(db, holding, 'w1');
      await db.closeReplica(idle);
      await db.closeReplica(holding);
      expect(await pruneAll(db, { idleMs: 0 }, 10)).toBe(1);
      expect(await db.orphans(10)).toMatchObject([{ ...lease, replica: holding }]);
      expect(await db.beat(living)).toHaveLength(1);
      expect(await end(db, lease)).toBe('stored');
      // The session, and the row of the lease where a database keeps it.
      expect(await pruneAll(db, { idleMs: 0 }, 10)).toBeGreaterThan(0);
      expect(await pruneAll(db, { idleMs: 0 }, 10)).toBe(0);
      expect(await db.beat(living)).toHaveLength(1);
    },
  },
};
