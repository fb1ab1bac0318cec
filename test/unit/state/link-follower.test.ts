import { describe, expect, test } from 'vitest';
import { LINK_VERSIONS_PER_TIMELINE } from '../../../src/limits.ts';
import type { LinkPlace, LinkRow } from '../../../src/state/control/control-rows.ts';
import { createLinkFollower } from '../../../src/state/control/link-follower.ts';
import { createLinkUses } from '../../../src/state/control/link-uses.ts';
import { StateUnavailable } from '../../../src/state/state-database.ts';

/** A follower of links that a test sets, and what came to its sink. */
function start() {
  const stored = new Map<string, LinkRow>();
  const seen = new Map<string, string | undefined>();
  const reads: LinkPlace[] = [];
  const store = { version: 0, isDown: false, during: async () => {} };
  const database = {
    linkChanges: async (after: LinkPlace, max: number) => {
      reads.push(after);
      if (store.isDown) throw new StateUnavailable('down');
      const rows = [...stored.values()]
        .filter(
          ({ id, version }) =>
            version > after.version || (version === after.version && id > after.id),
        )
        .toSorted((a, b) => a.version - b.version || (a.id < b.id ? -1 : 1))
        .slice(0, max);
      const { version } = store;
      await store.during();
      return { version, rows };
    },
  };
  const reached: number[] = [];
  const follower = createLinkFollower(database, {
    put: (rows) => {
      for (const { id, targets } of rows) seen.set(id, targets?.acme);
    },
    clear: () => seen.clear(),
    reached: (version) => reached.push(version),
  });
  const set = (ids: readonly string[], acme: string): void => {
    store.version += 1;
    for (const id of ids) stored.set(id, { id, targets: { acme }, version: store.version });
  };
  return { follower, reached, reads, seen, set, store, stored };
}

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `id ${String(n).padStart(5, '0')}`);

describe('a follower of links', () => {
  test('has reached no version before it has read all of them once', async () => {
    const { follower, reached, reads, seen, set } = start();
    set(ids(2_500), 'a');
    expect(follower.version()).toBeUndefined();
    await follower.follow();
    expect([follower.version(), seen.size, reads.length]).toEqual([1, 2_500, 3]);
    expect(reached).toEqual([1]);
  });

  test('reads only what was changed since, and goes on after a failure', async () => {
    const { follower, reads, seen, set, store } = start();
    set(ids(1_500), 'a');
    store.during = async () => {
      store.isDown = reads.length === 1;
    };
    await expect(follower.follow()).rejects.toThrow(StateUnavailable);
    expect(follower.version()).toBeUndefined();
    store.isDown = false;
    store.during = async () => {};
    await follower.follow();
    expect([follower.version(), seen.size]).toEqual([1, 1_500]);
    set(['id 00003'], 'b');
    reads.length = 0;
    await follower.follow();
    expect(reads).toEqual([{ version: 1, id: 'id 01499', targets: { acme: 'a' } }]);
    expect([follower.version(), seen.get('id 00003')]).toEqual([2, 'b']);
  });

  test('sees what was changed before it was asked, also while it reads', async () => {
    const { follower, seen, set, store } = start();
    set(['id'], 'a');
    const held = Promise.withResolvers<void>();
    store.during = () => held.promise;
    const first = follower.follow();
    set(['id'], 'b');
    const second = follower.follow();
    held.resolve();
    await Promise.all([first, second]);
    expect([follower.version(), seen.get('id')]).toEqual([2, 'b']);
  });

  test('begins anew where the database is an older one', async () => {
    const { follower, seen, set, store, stored } = start();
    set(['a'], '1');
    set(['b'], '1');
    await follower.follow();
    stored.delete('b');
    store.version = 1;
    await follower.follow();
    expect([follower.version(), [...seen.keys()]]).toEqual([1, ['a']]);
  });

  test('knows no version while it begins anew', async () => {
    const { follower, set, store, stored } = start();
    set(['a'], '1');
    set(['b'], '1');
    await follower.follow();
    stored.delete('b');
    store.version = 1;
    store.during = async () => {
      store.isDown = true;
    };
    await expect(follower.follow()).rejects.toThrow(StateUnavailable);
    expect(follower.version()).toBeUndefined();
  });

  test('begins anew where a standby has taken over that had not all changes', async () => {
    const { follower, reads, seen, set, store, stored } = start();
    set(['a'], '1');
    set(['lost'], '1');
    await follower.follow();
    stored.delete('lost');
    // The next change is above all that were made before, also those that were lost.
    store.version = LINK_VERSIONS_PER_TIMELINE - 1;
    set(['b'], '1');
    await follower.follow();
    expect([follower.version(), [...seen.keys()]]).toEqual([
      LINK_VERSIONS_PER_TIMELINE,
      ['a', 'b'],
    ]);
    reads.length = 0;
    set(['b'], '2');
    await follower.follow();
    expect([reads.length, seen.get('b')]).toEqual([1, '2']);
  });
});

test('the oldest link that a write follows is known while it is under way', () => {
  let nowMs = 0;
  const uses = createLinkUses(() => nowMs);
  uses.add({ writeId: 'w1', link: { id: 'a', version: 7 } });
  uses.add({ writeId: 'w2', link: { id: 'a', version: 3 } });
  uses.add({ writeId: 'w3' });
  expect(uses.oldest()).toBe(3);
  uses.end('w2', 0);
  expect(uses.oldest()).toBe(7);
  uses.end('w1', 100);
  nowMs = 99;
  // It may still be applied.
  expect(uses.oldest()).toBe(7);
  nowMs = 100;
  expect(uses.oldest()).toBeUndefined();
});
