import { expect, test } from 'vitest';
import { createBatchedStatements } from '../../../src/state/batched-statements.ts';
import {
  type StateDatabase,
  StateUnavailable,
  StateUnsettled,
} from '../../../src/state/state-database.ts';

test('says once that writes are held back, and once that they begin again', async () => {
  const said: (string | undefined)[] = [];
  let failure: Error | undefined;
  const begin: StateDatabase['begin'] = async (_, items) => {
    if (failure !== undefined) throw failure;
    return items.map(() => ({ kind: 'begun', fence: 1 }));
  };
  const statements = createBatchedStatements({
    database: { begin } as unknown as StateDatabase,
    session: { current: () => 1 },
    monotonicMs: () => 0,
    atTurnEnd: setImmediate,
    onHeldBack: (reason) => said.push(reason),
  });
  const ask = () => statements.begin({ key: 'a', formerKey: undefined, writeId: 'w', intent: '' });

  expect(await ask()).toBeDefined();
  failure = new StateUnavailable('cut', 'it is cut off');
  expect(await ask()).toBeUndefined();
  expect(said).toEqual([]);
  failure = new StateUnsettled('lost', 'it may have lost commits');
  expect([await ask(), await ask()]).toEqual([undefined, undefined]);
  expect(said).toEqual(['it may have lost commits']);
  failure = undefined;
  expect(await ask()).toBeDefined();
  expect(await ask()).toBeDefined();
  expect(said).toEqual(['it may have lost commits', undefined]);
});
