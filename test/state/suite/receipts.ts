import { expect } from 'vitest';
import type { EndItem, IdempotencyKey } from '../../../src/state/state-database.ts';
import {
  begin,
  begun,
  type Chapter,
  end,
  KEY,
  receiptIds,
  receiptRow,
  sleep,
  startReplica,
} from './store.ts';

/** Receipts, and answers under idempotency keys. */
export const RECEIPTS: Chapter = {
  receipts: {
    'hold all that an end or an operator gave them, with a position and a moment': async (
      db,
      other,
    ) => {
      const replica = await startReplica(db);
      const ofWrite = receiptRow('w1', { body: '{"é":"😀\\n"}', caller: '' });
      await end(db, await begun(db, replica, 'w1'), { receipt: ofWrite });
      const change = receiptRow('c1', { kind: 'link', key: '', target: '', outcome: 'done' });
      const beforeMs = Date.now();
      await db.addReceipt(change);
      const rows = await other.receipts({ max: 10 });
      expect(rows).toEqual([
        { ...change, position: expect.any(Number), atMs: expect.any(Number) },
        { ...ofWrite, position: expect.any(Number), atMs: expect.any(Number) },
      ]);
      const [second, first] = rows;
      expect(second?.position).toBeGreaterThan(first?.position ?? Number.NaN);
      expect(Math.abs((second?.atMs ?? 0) - beforeMs)).toBeLessThan(60_000);
      expect(Number.isSafeInteger(second?.atMs)).toBe(true);
      expect(await other.receipt('c1')).toEqual(second);
      expect(await other.receipt('w1')).toEqual(first);
      expect(await other.receipt('none')).toBeUndefined();
    },

    'are stored once for one change, also where the call was repeated': async (db, other) => {
      await db.addReceipt(receiptRow('c1', { outcome: 'first' }));
      await other.addReceipt(receiptRow('c1', { outcome: 'second' }));
      expect(await db.receipts({ max: 10 })).toMatchObject([{ outcome: 'first' }]);
    },

    'are listed the newest first, a page at a time, and none twice as more come': async (db) => {
      for (let index = 0; index < 7; index += 1) await db.addReceipt(receiptRow(`c${index}`));
      const first = await db.receipts({ max: 3 });
      expect(first.map(({ writeId }) => writeId)).toEqual(['c6', 'c5', 'c4']);
      await db.addReceipt(receiptRow('c7'));
      const before = first[2]?.position ?? 0;
      expect(await receiptIds(db, { before, max: 3 })).toEqual(['c3', 'c2', 'c1']);
      const last = (await db.receipts({ before, max: 3 }))[2]?.position ?? 0;
      expect(await receiptIds(db, { before: last, max: 3 })).toEqual(['c0']);
      expect(await receiptIds(db)).toHaveLength(8);
    },

    'are found however far apart they stand': async (db) => {
      const rare = { key: 'rare', id: 'rare', caller: 'rare' };
      for (let index = 0; index < 600; index += 1) {
        const isRare = [0, 255, 256, 511, 599].includes(index);
        await db.addReceipt(receiptRow(`c${index}`, isRare ? rare : {}));
      }
      for (const condition of [{ key: 'rare' }, { id: 'rare' }, { caller: 'rare' }, rare]) {
        const all = await db.receipts({ ...condition, max: 9 });
        expect(all.map(({ writeId }) => writeId)).toEqual(['c599', 'c511', 'c256', 'c255', 'c0']);
        const before = all[2]?.position ?? 0;
        expect(await receiptIds(db, { ...condition, before, max: 1 })).toEqual(['c255']);
      }
      expect(await receiptIds(db, { key: 'none' })).toEqual([]);
    },

    'are listed by each condition, and by all together': async (db) => {
      const other = {
        ...{ key: 'k', kind: 'create', id: 'bob' },
        ...{ target: 'test', caller: 'hr', outcome: 'noop' },
      };
      const names = ['key', 'kind', 'id', 'target', 'caller', 'outcome'] as const;
      for (const name of names) {
        await db.addReceipt(receiptRow(`other ${name}`, { [name]: other[name] }));
      }
      await db.addReceipt(receiptRow('plain'));
      await db.addReceipt(receiptRow('all', other));
      for (const name of names) {
        expect(await receiptIds(db, { [name]: other[name] })).toEqual(['all', `other ${name}`]);
      }
      expect(await receiptIds(db, other)).toEqual(['all']);
      expect(await receiptIds(db, { ...other, id: 'nobody' })).toEqual([]);
      expect(await receiptIds(db, { key: KEY, id: 'alice', caller: 'crm', max: 2 })).toEqual([
        'plain',
        'other outcome',
      ]);
      await db.addReceipt(receiptRow('of nobody', { caller: '' }));
      expect(await receiptIds(db, { caller: '' })).toEqual(['of nobody']);
    },

    'are listed since a moment, that moment included, and until one, that one not': async (db) => {
      await db.addReceipt(receiptRow('early'));
      await sleep(20);
      await db.addReceipt(receiptRow('late'));
      const sinceMs = (await db.receipt('late'))?.atMs ?? 0;
      expect(await receiptIds(db, { sinceMs })).toEqual(['late']);
      expect(await receiptIds(db, { sinceMs: sinceMs - 60_000 })).toEqual(['late', 'early']);
      expect(await receiptIds(db, { sinceMs: sinceMs + 60_000 })).toEqual([]);
      const untilMs = sinceMs;
      expect(await receiptIds(db, { untilMs })).toEqual(['early']);
      expect(await receiptIds(db, { untilMs: untilMs + 1 })).toEqual(['late', 'early']);
      expect(await receiptIds(db, { sinceMs, untilMs })).toEqual([]);
    },
  },
};

const ALICE: IdempotencyKey = { caller: 'crm', id: 'alice', keyHash: 'h', fingerprint: 'f' };
const answerOf = (sealed: string): EndItem['answer'] => ({
  ...ALICE,
  outcome: 'applied',
  sealed,
});

/** Answers under idempotency keys. */
export const ANSWERS: Chapter = {
  answers: {
    'come back under their key, with what was asked for and by which write': async (db, other) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1', { idempotency: ALICE });
      await end(db, lease, { answer: answerOf('sealed 1') });
      const row = await begin(other, replica, 'w2', {
        idempotency: { ...ALICE, fingerprint: 'of another request' },
      });
      expect(row).toMatchObject({
        kind: 'begun',
        answer: { fingerprint: 'f', writeId: 'w1', outcome: 'applied', sealed: 'sealed 1' },
      });
    },

    'come back under no other key, id or caller, and not to a request without a key': async (
      db,
    ) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1', { idempotency: ALICE });
      await end(db, lease, { answer: answerOf('sealed 1') });
      const others = [
        { ...ALICE, keyHash: 'other' },
        { ...ALICE, id: 'bob' },
        { ...ALICE, caller: '' },
        undefined,
      ];
      for (const [index, idempotency] of others.entries()) {
        const row = await begin(db, replica, `x${index}`, { key: `k${index}`, idempotency });
        expect(row.kind).toBe('begun');
        expect(row.answer).toBeUndefined();
      }
    },

    'come back whatever else holds: held, in doubt, and on other profiles': async (db) => {
      const replica = await startReplica(db);
      const idempotency = ALICE;
      const lease = await begun(db, replica, 'w1', { idempotency });
      await end(db, lease, { answer: answerOf('sealed 1') });
      const answer = { writeId: 'w1', sealed: 'sealed 1' };
      const next = await begun(db, replica, 'w2');
      expect(await begin(db, replica, 'w3', { idempotency })).toMatchObject({
        kind: 'held',
        answer,
      });
      await end(db, next, { doubtMs: 60_000 });
      expect(await begin(db, replica, 'w4', { idempotency })).toMatchObject({
        kind: 'in_doubt',
        answer,
      });
      expect(await begin(db, replica, 'w5', { key: 'b', idempotency })).toMatchObject({
        kind: 'begun',
        answer,
      });
    },

    'are replaced by that of a later end under the same key': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { answer: answerOf('sealed 1') });
      const later = { ...ALICE, fingerprint: 'f2', outcome: 'unknown', sealed: 'sealed 2' };
      await end(db, await begun(db, replica, 'w2'), { answer: later });
      expect(await begin(db, replica, 'w3', { idempotency: ALICE })).toMatchObject({
        answer: { fingerprint: 'f2', writeId: 'w2', outcome: 'unknown', sealed: 'sealed 2' },
      });
    },

    'are not stored again by an end that was stored before': async (db) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      await end(db, lease, { answer: answerOf('sealed 1') });
      await end(db, lease, { answer: answerOf('sealed 2') });
      expect(await begin(db, replica, 'w3', { idempotency: ALICE })).toMatchObject({
        answer: { writeId: 'w1', sealed: 'sealed 1' },
      });
    },

    'have the time since they were stored as their age': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { answer: answerOf('sealed 1') });
      await sleep(30);
      const { answer } = await begin(db, replica, 'w2', { idempotency: ALICE });
      expect(answer?.ageMs).toBeGreaterThanOrEqual(25);
      expect(answer?.ageMs).toBeLessThan(30_000);
    },

    'are replaced without a lease while they are unknown, by what is known of the same write':
      async (db, other) => {
        const replica = await startReplica(db);
        const unknown = { ...ALICE, outcome: 'unknown', sealed: 'sealed 1' };
        await end(db, await begun(db, replica, 'w1'), { answer: unknown, doubtMs: 60_000 });
        await sleep(30);
        const known = { ...ALICE, outcome: 'applied', sealed: 'sealed 2' };
        await other.replaceAnswer({ ...known, writeId: 'w9' });
        await other.replaceAnswer({ ...known, writeId: 'w1', keyHash: 'another' });
        const asked = { idempotency: ALICE };
        expect(await begin(db, replica, 'w2', asked)).toMatchObject({
          answer: { sealed: 'sealed 1' },
        });
        await other.replaceAnswer({ ...known, writeId: 'w1' });
        await other.replaceAnswer({ ...known, writeId: 'w1', outcome: 'rejected', sealed: '3' });
        const row = await begin(db, replica, 'w3', asked);
        expect(row).toMatchObject({
          kind: 'in_doubt',
          answer: { fingerprint: 'f', writeId: 'w1', outcome: 'applied', sealed: 'sealed 2' },
        });
        // The age is still that of the first answer.
        expect(row.answer?.ageMs).toBeGreaterThanOrEqual(25);
      },

    'are replaced while they are sealed for nobody': async (db) => {
      const replica = await startReplica(db);
      await end(db, await begun(db, replica, 'w1'), { answer: answerOf('') });
      await db.replaceAnswer({ ...ALICE, writeId: 'w1', outcome: 'applied', sealed: 'sealed 2' });
      await db.replaceAnswer({ ...ALICE, writeId: 'w1', outcome: 'applied', sealed: 'sealed 3' });
      expect(await begin(db, replica, 'w2', { idempotency: ALICE })).toMatchObject({
        answer: { writeId: 'w1', sealed: 'sealed 2' },
      });
    },
  },
};
