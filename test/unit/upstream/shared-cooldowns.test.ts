import { expect, test } from 'vitest';
import { StateUnavailable } from '../../../src/state/state-database.ts';
import { createSharedCooldowns } from '../../../src/upstream/shared-cooldowns.ts';
import type { Target } from '../../../src/upstream/target.ts';

function start() {
  let report: (lengthMs: number) => void = () => {};
  const credentials = {
    shareBy: (to: typeof report) => {
      report = to;
    },
    adopt: () => false,
  };
  const target = { name: 'acme', credentials } as unknown as Target;
  const state = { isDown: true, ms: 0 };
  const stored: number[] = [];
  const cooldowns = createSharedCooldowns({
    database: {
      setCooldown: async ({ lengthMs }) => {
        if (state.isDown) throw new StateUnavailable('down');
        stored.push(lengthMs);
      },
    },
    targets: () => new Map([['acme', target]]),
    digestOf: () => 'c1',
    monotonicMs: () => state.ms,
  });
  const apply = async (): Promise<void> => {
    cooldowns.apply([]);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { apply, report: (lengthMs: number) => report(lengthMs), state, stored };
}

test('a cooldown that could not be stored is stored with what is left of it', async () => {
  const { apply, report, state, stored } = start();
  await apply();
  report(30_000);
  state.ms = 20_000;
  await apply();
  state.isDown = false;
  await apply();
  await apply();
  expect(stored).toEqual([10_000]);
});

test('one that is over is not stored, but the end of one is', async () => {
  const { apply, report, state, stored } = start();
  await apply();
  report(30_000);
  await apply();
  Object.assign(state, { isDown: false, ms: 30_000 });
  await apply();
  expect(stored).toEqual([]);
  Object.assign(state, { isDown: true });
  report(0);
  await apply();
  Object.assign(state, { isDown: false, ms: 60_000 });
  await apply();
  expect(stored).toEqual([0]);
});
