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

/** Turns of those who want the same key, one at a time in the order in which they came. */
export type Turns = {
  /**
   * Waits for a turn, by `waitMsMax`: true at once where nobody has it. False where too many wait,
   * for this key or in all, or where the time is over.
   */
  readonly enter: (key: string, waitMsMax: number) => Promise<boolean> | true;
  /** Ends a turn. */
  readonly leave: (key: string) => void;
};

/** Creates turns for the tasks of this process. */
export function createTurns(): Turns {
  const held = createCompactingMap<string, true>();
  /** Queues of keys that somebody waits for. */
  const queues = new Map<string, LockWaiter[]>();
  let waiting = 0;

  const giveUp = (key: string, queue: LockWaiter[], waiter: LockWaiter): void => {
    queue.splice(queue.indexOf(waiter), 1);
    if (queue.length === 0) queues.delete(key);
    waiting -= 1;
  };

  const leave = (key: string): void => {
    const queue = queues.get(key);
    const next = queue?.[0];
    if (queue === undefined || next === undefined) {
      held.delete(key);
    } else {
      giveUp(key, queue, next);
      next();
    }
  };

  const enter = (key: string, waitMsMax: number): Promise<boolean> | true => {
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
      giveUp(key, queue, proceed);
      return false;
    });
    const proceed: LockWaiter = () => wait.end(true);
    queue.push(proceed);
    return wait.result;
  };

  return { enter, leave };
}
