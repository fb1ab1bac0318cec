import { LOCK_WAITERS_MAX, LOCK_WAITERS_PER_PROFILE_MAX } from '../limits.ts';
import { boundedWait } from './bounded-wait.ts';
import { createCompactingMap } from './compacting-map.ts';

/**
 * Reach of a profile's lock: this process, every process of one machine, or every place that serves
 * the profile.
 */
export const LOCK_SCOPES = ['process', 'machine', 'global'] as const;
export type LockScope = (typeof LOCK_SCOPES)[number];

type LockWaiter = () => void;

/**
 * One holder per key in this process, first come first served. Waiting is bounded in number, for
 * a key and in all, and in time: beyond that the task does not run and the result is undefined.
 */
export function createProcessLock(): WithLock {
  const held = createCompactingMap<string, true>();
  /** Queues of keys that somebody waits for. */
  const queues = new Map<string, LockWaiter[]>();
  let waiting = 0;

  const leave = (key: string, queue: LockWaiter[], waiter: LockWaiter): void => {
    queue.splice(queue.indexOf(waiter), 1);
    if (queue.length === 0) queues.delete(key);
    waiting -= 1;
  };

  const release = (key: string): void => {
    const queue = queues.get(key);
    const next = queue?.[0];
    if (queue === undefined || next === undefined) {
      held.delete(key);
    } else {
      leave(key, queue, next);
      next();
    }
  };

  const turn = (key: string, waitMsMax: number): Promise<boolean> | true => {
    if (!held.has(key)) {
      held.set(key, true);
      return true;
    }
    const queue = queues.get(key) ?? [];
    if (queue.length >= LOCK_WAITERS_PER_PROFILE_MAX || waiting >= LOCK_WAITERS_MAX) {
      return Promise.resolve(false);
    }
    waiting += 1;
    queues.set(key, queue);
    const wait = boundedWait(waitMsMax, () => {
      leave(key, queue, enter);
      return false;
    });
    const enter: LockWaiter = () => wait.end(true);
    queue.push(enter);
    return wait.result;
  };

  const run = <T>(key: string, task: () => Promise<T>): Promise<T> => {
    const end = (): void => release(key);
    try {
      const running = task();
      running.then(end, end);
      return running;
    } catch (error) {
      end();
      return Promise.reject(error);
    }
  };
  return (key, waitMsMax, task) => {
    const entered = turn(key, waitMsMax);
    if (entered === true) return run(key, task);
    return entered.then((hasEntered) => (hasEntered ? run(key, task) : undefined));
  };
}

/** Runs `task` while no other task of the same key runs; `undefined` when the queue is full. */
export type WithLock = <T>(
  key: string,
  waitMsMax: number,
  task: () => Promise<T>,
) => Promise<T | undefined>;
