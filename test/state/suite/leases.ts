import { expect } from 'vitest';
import {
  abandoned,
  begin,
  beginItem,
  begun,
  type Chapter,
  end,
  inDoubtMs,
  KEY,
  only,
  receiptIds,
  receiptRow,
  startReplica,
} from './store.ts';

/** A profile that the first write holds. */
const HELD = { kind: 'held', keyHash: undefined, heldBy: 'w1' };

/** Beginning, amending and ending writes. */
export const LEASES: Chapter = {
  begin: {
    'begins a write on a free profile, and refuses the next until the end of it': async (
      db,
      other,
    ) => {
      const [one, two] = [await startReplica(db), await startReplica(other)];
      const lease = await begun(db, one, 'w1');
      expect(await begin(other, two, 'w2')).toEqual(HELD);
      expect(await begin(db, one, 'w3')).toEqual(HELD);
      expect(await end(db, lease)).toBe('stored');
      expect((await begun(other, two, 'w4')).fence).toBeGreaterThan(lease.fence);
    },

    'begins exactly one of two writes at once from two connections, with growing fences': async (
      db,
      other,
    ) => {
      const [one, two] = [await startReplica(db), await startReplica(other)];
      let fence = 0;
      for (let round = 0; round < 30; round += 1) {
        const names = [`a${round}`, `b${round}`] as const;
        const rows = await Promise.all([begin(db, one, names[0]), begin(other, two, names[1])]);
        expect(rows.map(({ kind }) => kind).toSorted()).toEqual(['begun', 'held']);
        const winner = rows.findIndex(({ kind }) => kind === 'begun');
        const row = rows[winner];
        if (row?.kind !== 'begun') throw new Error('none has begun');
        expect(row.fence).toBeGreaterThan(fence);
        fence = row.fence;
        // On the other connection: leases are the store's, not a connection's.
        const writeId = names[winner] ?? '';
        expect(await end(winner === 0 ? other : db, { key: KEY, fence, writeId })).toBe('stored');
      }
    },

    'answers the items of a call in their order': async (db) => {
      const replica = await startReplica(db);
      await begun(db, replica, 'w0', { key: 'm' });
      const keys = ['z', 'm', 'a', 'm\n', "o'k", 'é', '😀', ''];
      const rows = await db.begin(
        replica,
        keys.map((key, index) => beginItem(`x${index}`, { key })),
      );
      expect(rows.map(({ kind }) => kind)).toEqual(
        keys.map((key) => (key === 'm' ? 'held' : 'begun')),
      );
      expect(await db.begin(replica, [])).toEqual([]);
    },

    'begins the first of two items of one call for one profile': async (db) => {
      const replica = await startReplica(db);
      const idempotency = idempotencyKey('k1');
      const rows = await db.begin(replica, [
        beginItem('w1', { idempotency }),
        beginItem('other', { key: 'other' }),
        beginItem('w2'),
      ]);
      expect(rows.map(({ kind }) => kind)).toEqual(['begun', 'begun', 'held']);
      expect(rows[2]).toMatchObject({ keyHash: 'hash of k1' });
    },

    'names the key of the write that is under way': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1', { idempotency: idempotencyKey('k1') });
      const held = { ...HELD, keyHash: 'hash of k1' };
      expect(await begin(other, replica, 'w2')).toEqual(held);
      expect(await begin(other, replica, 'w3', { idempotency: idempotencyKey('k3') })).toEqual(
        held,
      );
      await end(db, lease);
      await begun(db, replica, 'w4');
      expect(await begin(other, replica, 'w5')).toEqual({ ...HELD, heldBy: 'w4' });
    },

    'takes a batch of 256 items': async (db) => {
      const replica = await startReplica(db);
      const items = Array.from({ length: 256 }, (_, index) =>
        beginItem(`w${index}`, { key: `key ${index}` }),
      );
      const rows = await db.begin(replica, items);
      const leases = rows.map((row, index) => {
        if (row.kind !== 'begun') throw new Error(`item ${index} has not begun`);
        return { key: `key ${index}`, fence: row.fence, writeId: `w${index}` };
      });
      const ends = await db.end(
        leases.map((lease) => ({ ...lease, doubtMs: 0, receipt: receiptRow(lease.writeId) })),
      );
      expect(ends).toEqual(items.map(() => 'stored'));
    },
  },

  amend: {
    'replaces the intent of a lease that is held with the fence, and of no other': async (
      db,
      other,
    ) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      const ended = await begun(db, replica, 'w2', { key: 'ended' });
      await end(db, ended);
      const amended = await other.amend([
        { ...lease, fence: lease.fence + 1, intent: '"later"' },
        { ...lease, fence: lease.fence - 1, intent: '"earlier"' },
        { ...lease, writeId: 'w9', intent: '"of another"' },
        { ...ended, intent: '"ended"' },
        { key: 'none', fence: 1, writeId: 'w1', intent: '"none"' },
        { ...lease, intent: '"amended"' },
      ]);
      expect(amended).toEqual([false, false, false, false, false, true]);
      await db.closeReplica(replica);
      expect(only(await db.orphans(10))).toMatchObject({ ...lease, intent: '"amended"' });
    },
  },

  end: {
    'stores nothing for a lease with another fence or write': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      const answer = { ...idempotencyKey('k1'), outcome: 'applied', sealed: 'x' };
      const wrong = [
        { ...lease, fence: lease.fence + 1 },
        { ...lease, fence: lease.fence - 1 },
        { ...lease, writeId: 'w9' },
        { ...lease, key: 'none' },
      ];
      for (const name of wrong) {
        expect(await end(other, name, { doubtMs: 60_000, answer })).toBe('fenced');
      }
      expect(await receiptIds(db)).toEqual([]);
      expect(await inDoubtMs(db)).toBe(0);
      expect(await begin(db, replica, 'w2', { idempotency: idempotencyKey('k1') })).toEqual(HELD);
      expect(await end(db, lease)).toBe('stored');
    },

    'stores a write that ended so before again, without another receipt': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      expect(await end(db, lease)).toBe('stored');
      const again = { doubtMs: 60_000, receipt: receiptRow('w1', { outcome: 'unknown' }) };
      expect(await end(other, lease, again)).toBe('stored');
      expect(await db.receipts({ max: 10 })).toMatchObject([{ outcome: 'applied' }]);
      expect(await inDoubtMs(db)).toBe(0);
      await begun(db, replica, 'w2');
      expect(await end(db, lease)).toBe('stored');
      expect(await begin(db, replica, 'w3')).toMatchObject({ kind: 'held' });
    },

    'stores one receipt where a call ends a write twice': async (db) => {
      const lease = await begun(db, await startReplica(db), 'w1');
      const item = { ...lease, doubtMs: 0, receipt: receiptRow('w1') };
      expect(await db.end([item, item])).toEqual(['stored', 'stored']);
      expect(await receiptIds(db)).toEqual(['w1']);
    },

    'gives a lease back without a receipt, under which nothing was done': async (db) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      expect(await end(db, lease, { receipt: undefined })).toBe('stored');
      expect(await receiptIds(db)).toEqual([]);
      expect((await begun(db, replica, 'w2')).fence).toBeGreaterThan(lease.fence);
    },

    'answers the items of a call in their order, whether or not the others are fenced': async (
      db,
    ) => {
      const replica = await startReplica(db);
      const leases = [];
      for (const key of ['c', 'a', 'b']) {
        leases.push(await begun(db, replica, `of ${key}`, { key }));
      }
      const ends = await db.end(
        leases.map((lease, index) => ({
          ...lease,
          fence: lease.fence + (index === 1 ? 1 : 0),
          doubtMs: 0,
          receipt: receiptRow(lease.writeId),
        })),
      );
      expect(ends).toEqual(['stored', 'fenced', 'stored']);
      expect((await receiptIds(db)).toSorted()).toEqual(['of b', 'of c']);
      expect(await db.end([])).toEqual([]);
    },

    'of a holder whose lease was taken over stores nothing': async (db, other) => {
      const lease = await abandoned(db, 'w1');
      const recoverer = await startReplica(other);
      const [fence] = await other.takeOver(recoverer, [{ ...lease, settleMs: 60_000 }]);
      expect(await end(db, lease, { receipt: receiptRow('w1', { outcome: 'noop' }) })).toBe(
        'fenced',
      );
      expect(await receiptIds(db)).toEqual([]);
      expect(await end(other, { ...lease, fence: fence ?? 0 })).toBe('stored');
      const late = { doubtMs: 60_000, receipt: receiptRow('w1', { outcome: 'noop' }) };
      expect(await end(db, lease, late)).toBe('fenced');
      expect(await db.receipts({ max: 10 })).toMatchObject([{ outcome: 'applied' }]);
      expect(await inDoubtMs(db)).toBe(0);
    },
  },

  'give back': {
    'frees what the session holds under the write id, without a receipt, and nothing else': async (
      db,
      other,
    ) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await other.giveBack(await startReplica(other), [lease]);
      await other.giveBack(replica, [
        { ...lease, writeId: 'w9' },
        { ...lease, key: 'none' },
      ]);
      expect(await begin(db, replica, 'w2')).toMatchObject({ kind: 'held' });
      await other.giveBack(replica, [lease]);
      expect(await receiptIds(db)).toEqual([]);
      expect((await begun(db, replica, 'w3')).fence).toBeGreaterThan(lease.fence);
      await other.giveBack(replica, [lease]);
      expect(await begin(db, replica, 'w4')).toMatchObject({ kind: 'held' });
      expect(await end(db, lease)).toBe('fenced');
    },
  },
};

function idempotencyKey(key: string) {
  return { caller: 'crm', id: 'alice', keyHash: `hash of ${key}`, fingerprint: 'print' };
}
