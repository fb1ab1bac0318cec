import { LOCK_WAITERS_MAX, LOCK_WAITERS_PER_PROFILE_MAX } from './limits.ts';
import type { WithLock } from './ports.ts';

type Waiter = () => void;

/**
 * One holder per key in this process, first come first served. Waiting is bounded in number, for
 * a key and in all, and in time: beyond that the task does not run and the result is undefined.
 */
export function createProcessLock(): WithLock {
  const queues = new Map<string, Waiter[]>();
  let waiting = 0;

  const release = (key: string): void => {
    const next = queues.get(key)?.shift();
    if (next === undefined) queues.delete(key);
    else next();
  };

  const turn = (key: string, waitMsMax: number): Promise<boolean> | true => {
    const queue = queues.get(key);
    if (queue === undefined) {
      queues.set(key, []);
      return true;
    }
    if (queue.length >= LOCK_WAITERS_PER_PROFILE_MAX || waiting >= LOCK_WAITERS_MAX) {
      return Promise.resolve(false);
    }
    waiting += 1;
    return new Promise<boolean>((resolve) => {
      const enter: Waiter = () => {
        clearTimeout(timer);
        waiting -= 1;
        resolve(true);
      };
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(enter), 1);
        waiting -= 1;
        resolve(false);
      }, waitMsMax);
      queue.push(enter);
    });
  };

  return async (key, waitMsMax, task) => {
    const entered = turn(key, waitMsMax);
    if (entered !== true && !(await entered)) return undefined;
    try {
      return await task();
    } finally {
      release(key);
    }
  };
}
