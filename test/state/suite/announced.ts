import { expect } from 'vitest';
import type { LeaseName, StateDatabase } from '../../../src/state/state-database.ts';
import {
  abandoned,
  begin,
  begun,
  type Chapter,
  end,
  inDoubtMs,
  KEY,
  listInDoubt,
  startReplica,
} from './store.ts';

const OTHER = 'senlin:prod\n\nother';

function keyOf(fingerprint: string) {
  return { caller: 'crm', id: 'prod:', keyHash: 'hash of k', fingerprint };
}

function announce(db: StateDatabase, lease: LeaseName, fingerprint = 'f') {
  return db.announce({ ...lease, intent: '{"sent":true}', idempotency: keyOf(fingerprint) });
}

/** Writes that take their key before they are sent, and writes that are left open. */
export const ANNOUNCED: Chapter = {
  announce: {
    'shows under the key that the end is not known, until the write ends': async (db, other) => {
      const [one, two] = [await startReplica(db), await startReplica(other)];
      const lease = await begun(db, one, 'w1', { idempotency: keyOf('f') });
      expect(await announce(db, lease)).toBe('announced');
      const item = { key: OTHER, idempotency: keyOf('g') };
      const row = await begin(other, two, 'w2', item);
      expect(row).toMatchObject({
        kind: 'begun',
        answer: { fingerprint: 'f', writeId: 'w1', outcome: 'unknown', sealed: '' },
      });
      const repeat = await begin(other, two, 'w3', { idempotency: keyOf('f') });
      expect(repeat).toMatchObject({ kind: 'held', heldBy: 'w1', answer: { writeId: 'w1' } });
      const answer = { ...keyOf('f'), outcome: 'applied', sealed: 'S' };
      await end(db, lease, { answer, announcedKey: keyOf('f') });
      const after = await begin(other, two, 'w4', { idempotency: keyOf('f') });
      expect(after).toMatchObject({ kind: 'begun', answer: { outcome: 'applied', sealed: 'S' } });
    },

    'gives the key to one of two writes at once': async (db, other) => {
      const [one, two] = [await startReplica(db), await startReplica(other)];
      for (let round = 0; round < 20; round += 1) {
        const idempotency = { ...keyOf('f'), keyHash: `round ${round}` };
        const leases = [
          await begun(db, one, `a${round}`, { idempotency }),
          await begun(other, two, `b${round}`, { key: OTHER, idempotency }),
        ];
        const announced = await Promise.all(
          leases.map((lease, i) =>
            (i === 0 ? db : other).announce({ ...lease, intent: '{"sent":true}', idempotency }),
          ),
        );
        expect(announced.toSorted()).toEqual(['announced', 'key_used']);
        for (const lease of leases) await end(db, lease, { receipt: undefined });
      }
    },

    'does nothing where the key is used or the lease is lost, and repeats itself': async (db) => {
      const replica = await startReplica(db);
      const lease = await begun(db, replica, 'w1');
      expect(await announce(db, lease)).toBe('announced');
      expect(await announce(db, lease)).toBe('announced');
      const second = await begun(db, replica, 'w2', { key: OTHER });
      expect(await announce(db, second, 'g')).toBe('key_used');
      await db.closeReplica(replica);
      const intents = new Map((await db.orphans(9)).map(({ intent, key }) => [key, intent]));
      expect([intents.get(KEY), intents.get(OTHER)]).toEqual(['{"sent":true}', '{"of":"w2"}']);
      const next = await startReplica(db);
      await db.takeOver(next, [{ key: KEY, fence: lease.fence, settleMs: 0 }]);
      expect(await announce(db, lease)).toBe('fenced');
    },

    'frees the key of a write that ends without an answer, and no other': async (db) => {
      const replica = await startReplica(db);
      const first = await begun(db, replica, 'w1');
      await announce(db, first);
      const second = await begun(db, replica, 'w2', { key: OTHER });
      await end(db, second, { announcedKey: keyOf('g') });
      const kept = await begin(db, replica, 'w3', { key: OTHER, idempotency: keyOf('g') });
      expect(kept.answer).toMatchObject({ writeId: 'w1' });
      await end(db, first, { announcedKey: keyOf('f') });
      expect((await begin(db, replica, 'w4', { idempotency: keyOf('f') })).answer).toBeUndefined();
    },
  },

  leaveOpen: {
    'shows that the write may still be applied, until it ends': async (db, other) => {
      const replica = await startReplica(db);
      const idempotency = keyOf('f');
      const lease = await begun(db, replica, 'w1', { idempotency });
      expect(await inDoubtMs(other)).toBe(0);
      await db.leaveOpen(lease, 60_000);
      const row = await begin(other, await startReplica(other), 'w2', { idempotency });
      expect(row).toMatchObject({ kind: 'in_doubt', heldBy: 'w1' });
      const { fence } = lease;
      const shown = { key: KEY, intent: '{"of":"w1"}', writeId: 'w1', fence };
      expect(await listInDoubt(other)).toMatchObject([shown]);
      expect(await other.liftDoubt(KEY)).toBe(false);
      await end(db, lease);
      expect(await inDoubtMs(other)).toBe(0);
      await db.leaveOpen(lease, 60_000);
      expect(await inDoubtMs(other)).toBe(0);
    },

    'does not survive that another replica has taken the write over': async (db) => {
      const lease = await abandoned(db, 'w1');
      const next = await startReplica(db);
      await db.takeOver(next, [{ key: KEY, fence: lease.fence, settleMs: 0 }]);
      await db.leaveOpen(lease, 60_000);
      expect(await inDoubtMs(db)).toBe(0);
    },
  },
};
