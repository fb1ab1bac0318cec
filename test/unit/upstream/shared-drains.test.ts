import { expect, test } from 'vitest';
import { type ReceiptRow, StateUnavailable } from '../../../src/state/state-database.ts';
import { createSharedDrains, type WantedDrain } from '../../../src/upstream/shared-drains.ts';
import type { Target } from '../../../src/upstream/target.ts';

const RECEIPT = { writeId: 'w1', kind: 'drain' } as ReceiptRow;

function start() {
  const target = { name: 'acme', control: { drained: undefined } } as unknown as Target;
  const state = { isDown: false, ms: 0, during: async () => {} };
  const stored: [string, WantedDrain][] = [];
  const waits: (number | undefined)[] = [];
  const database = {
    setDrain: async (name: string, drain: WantedDrain, _: ReceiptRow, waitedMs?: number) => {
      waits.push(waitedMs);
      await state.during();
      if (state.isDown) throw new StateUnavailable('down');
      stored.push([name, drain]);
    },
  };
  const targets = new Map([['acme', target]]);
  const drains = createSharedDrains(database, () => targets, {
    now: () => 1_000,
    monotonicMs: () => state.ms,
  });
  return { control: target.control, drains, state, stored, target, waits };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a drain that could not be stored holds until it is, whatever the state says', async () => {
  const { control, drains, state, stored, target } = start();
  state.isDown = true;
  const drain = { by: 'ops', reason: 'x' };
  expect(await drains.change(target, drain, RECEIPT)).toBe(false);
  expect(control).toMatchObject({ drained: { sinceMs: 1_000, ...drain }, pending: 'drain' });
  drains.apply([]);
  await settled();
  expect(control).toMatchObject({ drained: { sinceMs: 1_000 }, pending: 'drain' });
  state.isDown = false;
  drains.apply([]);
  expect(control.drained).toBeDefined();
  await settled();
  expect(stored).toEqual([['acme', drain]]);
  drains.apply([{ target: 'acme', sinceMs: 2_000, ...drain }]);
  expect(control).toMatchObject({ drained: { sinceMs: 2_000 }, pending: undefined });
});

test('the last of two changes that could not be stored is stored alone', async () => {
  const { control, drains, state, stored, target } = start();
  state.isDown = true;
  await drains.change(target, { by: '', reason: '' }, RECEIPT);
  await drains.change(target, undefined, RECEIPT);
  expect(control).toEqual({ drained: undefined, pending: 'undrain' });
  state.isDown = false;
  drains.apply([{ target: 'acme', sinceMs: 1, by: '', reason: '' }]);
  expect(control.drained).toBeUndefined();
  await settled();
  expect(stored).toEqual([['acme', undefined]]);
  drains.apply([]);
  expect(control).toEqual({ drained: undefined, pending: undefined });
});

test('a change that waits says for how long, and is not sent twice at once', async () => {
  const { drains, state, stored, target, waits } = start();
  state.isDown = true;
  await drains.change(target, undefined, RECEIPT);
  state.ms = 5_000;
  drains.apply([]);
  await settled();
  expect(waits).toEqual([0, 5_000]);
  const held = Promise.withResolvers<void>();
  state.during = () => held.promise;
  state.isDown = false;
  drains.apply([]);
  drains.apply([]);
  held.resolve();
  await settled();
  expect([waits.length, stored.length]).toEqual([3, 1]);
});
