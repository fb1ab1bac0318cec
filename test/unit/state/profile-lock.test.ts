import { describe, expect, test, vi } from 'vitest';
import { LOCK_WAITERS_MAX, LOCK_WAITERS_PER_PROFILE_MAX } from '../../../src/limits.ts';
import { createTurns } from '../../../src/state/profile-lock.ts';

const LONG_MS = 60_000;

/** A task that ends when it is told to. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, task: () => promise.then(() => 'done') };
}

/** Runs tasks in their turns; undefined where a turn did not come. */
function createQueue() {
  const turns = createTurns();
  return async <T>(key: string, waitMsMax: number, task: () => Promise<T>) => {
    const entering = turns.enter(key, waitMsMax);
    if (entering !== true && !(await entering)) return undefined;
    return task().finally(() => turns.leave(key));
  };
}

describe('the turns of a profile', () => {
  test('come one at a time for a key, first come first served', async () => {
    const inTurn = createQueue();
    const order: string[] = [];
    const task = (name: string) => async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      order.push(`${name} out`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => inTurn('key', LONG_MS, task(name))));
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  test('do not make other keys wait', async () => {
    const inTurn = createQueue();
    const held = gate();
    const first = inTurn('a', LONG_MS, held.task);
    expect(await inTurn('b', LONG_MS, async () => 'ran')).toBe('ran');
    held.open();
    await first;
  });

  test('are waited for no longer than asked, and who gave up has none', async () => {
    const inTurn = createQueue();
    const held = gate();
    const first = inTurn('key', LONG_MS, held.task);
    let ran = false;
    const impatient = inTurn('key', 5, async () => {
      ran = true;
    });
    const patient = inTurn('key', LONG_MS, async () => 'ran');
    expect(await impatient).toBeUndefined();
    held.open();
    expect(await first).toBe('done');
    expect(await patient).toBe('ran');
    expect(ran).toBe(false);
  });

  test('leave no timer behind, and are safe where one cannot be cleared', async () => {
    const clear = vi.spyOn(globalThis, 'clearTimeout').mockImplementation(() => {});
    const inTurn = createQueue();
    const [held, second] = [gate(), gate()];
    const running = [inTurn('key', LONG_MS, held.task), inTurn('key', 20, second.task)];
    held.open();
    await running[0];
    const third = inTurn('key', LONG_MS, async () => 'ran');
    await new Promise((resolve) => setTimeout(resolve, 40));
    second.open();
    expect(await running[1]).toBe('done');
    expect(await third).toBe('ran');
    expect(clear).toHaveBeenCalledTimes(2);
    clear.mockRestore();
  });

  test.each([
    ['one profile', () => 'key', LOCK_WAITERS_PER_PROFILE_MAX],
    ['all profiles', (i: number) => `key ${i % 200}`, LOCK_WAITERS_MAX],
  ])('are waited for by a bounded number, for %s', async (_, keyOf, waitersMax) => {
    const inTurn = createQueue();
    const held = gate();
    const holders = [...new Set(Array.from({ length: waitersMax }, (_, i) => keyOf(i)))];
    const holding = holders.map((key) => inTurn(key, LONG_MS, held.task));
    let ran = 0;
    const waiters = Array.from({ length: waitersMax }, (_, i) =>
      inTurn(keyOf(i), LONG_MS, async () => {
        ran += 1;
      }),
    );
    expect(await inTurn(keyOf(0), LONG_MS, async () => 'ran')).toBeUndefined();
    held.open();
    await Promise.all([...holding, ...waiters]);
    expect(ran).toBe(waitersMax);
    expect(await inTurn(keyOf(0), LONG_MS, async () => 'ran')).toBe('ran');
  });
});
