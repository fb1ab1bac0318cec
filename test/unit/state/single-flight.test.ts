import { expect, test, vi } from 'vitest';
import { FLIGHT_WAITS_MAX } from '../../../src/limits.ts';
import { createSingleFlight } from '../../../src/state/single-flight.ts';

const never = (): Promise<never> => new Promise(() => {});
const LONG_MS = 60_000;
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const atOnce = async (): Promise<void> => {};

test('all who ask while a task runs get its result, and the next one runs anew', async () => {
  const flight = createSingleFlight<number>();
  let runs = 0;
  const task = async (): Promise<number> => {
    runs += 1;
    return runs;
  };
  expect(
    await Promise.all([flight.run(task), flight.run(task, LONG_MS), flight.run(task)]),
  ).toEqual([1, 1, 1]);
  expect(flight.current()).toBeUndefined();
  expect(await flight.run(task)).toBe(2);
});

test('a failure reaches all who joined, and is not kept', async () => {
  const flight = createSingleFlight<void>();
  const failing = (): Promise<void> => Promise.reject(new Error('task'));
  const ends = [flight.run(failing), flight.run(never), flight.run(never, LONG_MS)];
  for (const end of ends) await expect(end).rejects.toThrow('task');
  await flight.run(atOnce);
  expect(flight.current()).toBeUndefined();
});

test('a task that never settles is replaced by one of those who waited for it', async () => {
  const flight = createSingleFlight<number>();
  let runs = 0;
  const task = async (): Promise<number> => {
    runs += 1;
    await soon();
    return runs;
  };
  void flight.run(never);
  const waiting = Array.from({ length: 5 }, () => flight.run(task, 5));
  expect(await Promise.all(waiting)).toEqual([1, 1, 1, 1, 1]);
});

test('after so many waits in vain the task runs beside the one under way', async () => {
  const flight = createSingleFlight<string>();
  for (let i = 0; i < FLIGHT_WAITS_MAX; i += 1) void flight.run(never, 0);
  void flight.run(never, 0);
  expect(await flight.run(async () => 'own', 0)).toBe('own');
});

test('no wait leaves a timer behind, whether the task succeeds or fails', async () => {
  vi.useFakeTimers();
  const flight = createSingleFlight<string>();
  for (const settle of ['resolve', 'reject'] as const) {
    const task = Promise.withResolvers<string>();
    const ends = [flight.run(() => task.promise), flight.run(never, LONG_MS)];
    expect(vi.getTimerCount()).toBe(1);
    task[settle]('done');
    await Promise.allSettled(ends);
    expect(vi.getTimerCount()).toBe(0);
  }
  vi.useRealTimers();
});
