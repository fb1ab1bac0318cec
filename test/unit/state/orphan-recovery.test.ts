import { expect, test } from 'vitest';
import {
  createOrphanRecovery,
  type OrphanEnd,
} from '../../../src/state/replica/orphan-recovery.ts';
import type { EndItem, Orphan } from '../../../src/state/state-database.ts';

const ORPHAN: Orphan = {
  key: 'acme\n1',
  writeId: 'w1',
  fence: 1,
  replica: 1,
  intent: '{}',
  ageMs: 0,
  inDoubtMs: 0,
};

function endOf(outcome: string, more: { readonly isUnread?: true } = {}): OrphanEnd {
  const named = { kind: 'write', writeId: 'w1', key: ORPHAN.key, id: 'a', target: 'acme' };
  return { receipt: { ...named, caller: '', outcome, body: '{}' }, doubtMs: 0, ...more };
}

/** Recovers one write that is settled, by readings that end so; returns what is stored. */
async function recovered(...readings: OrphanEnd[]) {
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<EndItem>();
  const recovery = createOrphanRecovery({
    database: { orphans: async () => [ORPHAN], takeOver: async () => [2] },
    monotonicMs: () => performance.now(),
    closer: {
      settleMs: () => 0,
      close: async () => {
        const found = readings[Math.min(count, readings.length - 1)];
        count += 1;
        return found ?? 'not_yet';
      },
    },
    end: async (item) => resolve(item),
    replica: () => 2,
    onRecovered: () => {},
    onFailed: () => {},
    readAgainMs: 1,
  });
  await recovery.run();
  const { receipt, ...item } = await promise;
  return { count, outcome: receipt?.outcome, item };
}

const unread = endOf('unknown', { isUnread: true });

test('a write whose profile cannot be read at first ends by a later reading', async () => {
  const { count, item, outcome } = await recovered(unread, unread, endOf('applied'));
  expect({ count, outcome }).toEqual({ count: 3, outcome: 'applied' });
  expect(item).toEqual({ key: 'acme\n1', writeId: 'w1', fence: 2, doubtMs: 0 });
});

test('a write whose profile cannot be read ends as unknown', async () => {
  const { count, item, outcome } = await recovered(unread);
  expect({ count, outcome }).toEqual({ count: 4, outcome: 'unknown' });
  expect(item).not.toHaveProperty('isUnread');
});
