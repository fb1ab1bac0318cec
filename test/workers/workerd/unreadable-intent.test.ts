import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { RECORD_CHARACTERS_MAX } from '../../../src/limits.ts';
import { createOrphanCloser } from '../../../src/profiles/close-orphan.ts';
import { createPorts } from '../../../src/workers/app.ts';
import {
  begun,
  CREATE_KEY,
  HASH_KEY,
  inObject,
  KEY,
  keyed,
  openWriteOf,
  receiptOf,
  request,
  SETTLE_MS,
  startInstance,
  type TestClock,
  WRITE_MS,
} from './object-parts.ts';

type Instance = ReturnType<typeof startInstance>;

const INTENTS = {
  'too long to be stored': 'x'.repeat(RECORD_CHARACTERS_MAX + 1),
  'of a later version': '{"form":99}',
};

/** Closes the open write of an instance once it is settled, as its alarm does. */
async function closeOpen(object: Instance, clock: TestClock): Promise<void> {
  clock.nowMs += WRITE_MS + SETTLE_MS;
  const open = openWriteOf(object);
  const ports = createPorts(env, { state: object.state });
  const options = { targets: () => new Map(), ports, hashKey: HASH_KEY, replica: 'object' };
  const inDoubtMs = object.state.openMs(open);
  const orphan = { ...open, replica: 0, ageMs: 0, inDoubtMs };
  const end = await createOrphanCloser(options).close(orphan);
  if (end === 'not_yet') throw new Error('it is not settled');
  expect(object.state.close(open, end)).toBe(true);
  expect(object.receipts.list({ max: 9 })).toMatchObject([{ outcome: 'unknown' }]);
}

const cases = Object.entries(INTENTS).flatMap(([name, intent]) =>
  ['goes on', 'is stopped'].flatMap((object) => [
    { kind: 'create', key: CREATE_KEY, name, intent, object },
    { kind: 'PATCH', key: KEY, name, intent, object },
  ]),
);

test.each(cases)(
  'the key of a $kind whose intent is $name stays taken where its object $object',
  ({ intent, key, kind, object }) =>
    inObject('unreadable', async (storage) => {
      const clock = { nowMs: 1_000_000 };
      const first = startInstance(storage, clock);
      const same = { key, intent, ...keyed('same') };
      const lease = await begun(first, 'one', same);
      first.state.markInDoubt(lease, SETTLE_MS);
      // Only creates are left open; the request of a PATCH is gone without a word.
      if (kind === 'create') first.state.leaveOpen(lease);
      const next = object === 'goes on' ? first : startInstance(storage, clock);
      await closeOpen(next, clock);
      expect(await next.state.begin(request('two', same))).toMatchObject({
        kind: 'answered',
        answer: { outcome: 'unknown', sealed: '', writeId: 'one' },
      });
      await begun(next, 'three', { key });
    }),
);

test('the key of a write whose end could not be stored stays taken', () =>
  inObject('end not stored', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const same = { intent: INTENTS['of a later version'], ...keyed('same') };
    const lease = await begun(object, 'one', same);
    object.state.markInDoubt(lease, SETTLE_MS);
    storage.sql.exec('ALTER TABLE receipt RENAME TO away');
    void object.state.end(lease, { receipt: receiptOf('one') });
    storage.sql.exec('ALTER TABLE away RENAME TO receipt');
    await closeOpen(object, clock);
    const repeat = await object.state.begin(request('two', same));
    expect(repeat).toMatchObject({ kind: 'answered', answer: { outcome: 'unknown' } });
  }));

test('the key of a write that was not sent is free once that is closed', () =>
  inObject('not sent', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const same = { intent: INTENTS['of a later version'], ...keyed('same') };
    await begun(object, 'one', same);
    await closeOpen(object, clock);
    await begun(object, 'two', same);
  }));
