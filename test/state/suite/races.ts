import { expect } from 'vitest';
import type { LeaseName, StateDatabase } from '../../../src/state/state-database.ts';
import {
  beginItem,
  begun,
  type Chapter,
  end,
  KEY,
  listInDoubt,
  receiptIds,
  receiptRow,
  startReplica,
} from './store.ts';

const ROUNDS = 20;
const KEYS = Array.from({ length: 40 }, (_, index) => `key ${index}`);

/** Begins writes on all keys in one call; returns the leases that it got. */
async function beginAll(db: StateDatabase, replica: number, keys: readonly string[], name: string) {
  const rows = await db.begin(
    replica,
    keys.map((key) => beginItem(`${name} ${key}`, { key })),
  );
  return rows.flatMap((row, index): LeaseName[] => {
    const key = keys[index] ?? '';
    return row.kind === 'begun' ? [{ key, fence: row.fence, writeId: `${name} ${key}` }] : [];
  });
}

/** Calls that two connections make at the same moment. */
export const RACES: Chapter = {
  'two connections at once': {
    'begin each of the same profiles once, in whatever order they name them': async (db, other) => {
      const [one, two] = [await startReplica(db), await startReplica(other)];
      for (let round = 0; round < ROUNDS; round += 1) {
        const taken = await Promise.all([
          beginAll(db, one, KEYS, `a${round}`),
          beginAll(other, two, KEYS.toReversed(), `b${round}`),
        ]);
        const leases = taken.flat();
        expect(leases.map(({ key }) => key).toSorted()).toEqual(KEYS.toSorted());
        const items = leases.map((lease) => ({ ...lease, doubtMs: 0 }));
        const ends = await Promise.all([
          db.end(items.filter((_, index) => index % 2 === 0)),
          other.end(items.toReversed().filter((_, index) => index % 2 === 0)),
        ]);
        expect(new Set(ends.flat())).toEqual(new Set(['stored']));
      }
    },

    'end one write both, with one receipt': async (db, other) => {
      const replica = await startReplica(db);
      for (let round = 0; round < ROUNDS; round += 1) {
        const lease = await begun(db, replica, `w${round}`);
        expect(await Promise.all([end(db, lease), end(other, lease)])).toEqual([
          'stored',
          'stored',
        ]);
      }
      expect(await receiptIds(db)).toHaveLength(ROUNDS);
    },

    'store one change once': async (db, other) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const receipt = receiptRow(`c${round}`);
        await Promise.all([db.addReceipt(receipt), other.addReceipt(receipt)]);
      }
      expect(await receiptIds(db)).toHaveLength(ROUNDS);
    },

    'keep a profile in doubt for the longer of their times': async (db, other) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const key = `key ${round}`;
        await Promise.all([db.raiseDoubt(key, 60_000), other.raiseDoubt(key, 120_000)]);
      }
      const rows = await listInDoubt(db);
      expect(rows).toHaveLength(ROUNDS);
      for (const { leftMs } of rows) expect(leftMs).toBeGreaterThan(60_000);
    },

    'end and remove leases without letting fences fall': async (db, other) => {
      const replica = await startReplica(db);
      let fence = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const lease = await begun(db, replica, `w${round}`, { key: KEY });
        expect(lease.fence).toBeGreaterThan(fence);
        fence = lease.fence;
        const limits = { receiptMs: 60_000, answerMs: 60_000, idleMs: 0 };
        const [ended] = await Promise.all([end(db, lease), other.prune(limits, 100)]);
        expect(ended).toBe('stored');
      }
    },
  },
};
