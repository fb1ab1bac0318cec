import { describe, expect, test, vi } from 'vitest';
import { LOCK_WAITERS_MAX, LOCK_WAITERS_PER_PROFILE_MAX } from '../../../src/limits.ts';
import { createProcessLock } from '../../../src/state/profile-lock.ts';

const LONG_MS = 60_000;

/** A task that ends when it is told to. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, task: () => promise.then(() => 'done') };
}

describe('the lock of a profile', () => {
  test('lets tasks of one key in one at a time, first come first served', async () => {
    const withLock = createProcessLock();
    const order: string[] = [];
    const task = (name: string) => async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      order.push(`${name} out`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => withLock('key', LONG_MS, task(name))));
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  test('does not make other keys wait', async () => {
    const withLock = createProcessLock();
    const held = gate();
    const first = withLock('a', LONG_MS, held.task);
    expect(await withLock('b', LONG_MS, async () => 'ran')).toBe('ran');
    held.open();
    await first;
  });

  test('is given up after a task that throws', async () => {
    const withLock = createProcessLock();
    const failing = withLock('key', LONG_MS, () => Promise.reject(new Error('task')));
    await expect(failing).rejects.toThrow('task');
    expect(await withLock('key', 0, async () => 'ran')).toBe('ran');
    const failingAtOnce = withLock('key', LONG_MS, () => {
      throw new Error('at once');
    });
    await expect(failingAtOnce).rejects.toThrow('at once');
    expect(await withLock('key', 0, async () => 'ran')).toBe('ran');
  });

  test('is waited for no longer than told, and who gave up never runs', async () => {
    const withLock = createProcessLock();
    const held = gate();
    const first = withLock('key', LONG_MS, held.task);
    let ran = false;
    const impatient = withLock('key', 5, async () => {
      ran = true;
    });
    const patient = withLock('key', LONG_MS, async () => 'ran');
    expect(await impatient).toBeUndefined();
    held.open();
    expect(await first).toBe('done');
    expect(await patient).toBe('ran');
    expect(ran).toBe(false);
  });

  test('leaves no timer behind, and is safe where one cannot be cleared', async () => {
    const clear = vi.spyOn(globalThis, 'clearTimeout').mockImplementation(() => {});
    const withLock = createProcessLock();
    const [held, second] = [gate(), gate()];
    const running = [withLock('key', LONG_MS, held.task), withLock('key', 20, second.task)];
    held.open();
    await running[0];
    const third = withLock('key', LONG_MS, async () => 'ran');
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
  ])('is waited for by a bounded number, for %s', async (_, keyOf, waitersMax) => {
    const withLock = createProcessLock();
    const held = gate();
    const holders = [...new Set(Array.from({ length: waitersMax }, (_, i) => keyOf(i)))];
    const holding = holders.map((key) => withLock(key, LONG_MS, held.task));
    let ran = 0;
    const waiters = Array.from({ length: waitersMax }, (_, i) =>
      withLock(keyOf(i), LONG_MS, async () => {
        ran += 1;
      }),
    );
    expect(await withLock(keyOf(0), LONG_MS, async () => 'ran')).toBeUndefined();
    held.open();
    await Promise.all([...holding, ...waiters]);
    expect(ran).toBe(waitersMax);
    expect(await withLock(keyOf(0), LONG_MS, async () => 'ran')).toBe('ran');
  });
});
