import { FLIGHT_WAITS_MAX } from '../limits.ts';
import { boundedWait } from './bounded-wait.ts';

/** Shares one run of a task among all who ask while it runs. */
export type SingleFlight<T> = {
  /** Returns the task under way, or undefined. */
  readonly current: () => Promise<T> | undefined;
  /**
   * Joins the task under way, or starts `task` where there is none. `waitMsMax` bounds each wait
   * for a task that another request started: on Workers that request may have been stopped, and its
   * promise then never settles. After `FLIGHT_WAITS_MAX` waits in vain, `task` starts in any case.
   */
  readonly run: (task: () => Promise<T>, waitMsMax?: number) => Promise<T>;
};

export function createSingleFlight<T>(): SingleFlight<T> {
  let current: Promise<T> | undefined;

  const start = (task: () => Promise<T>): Promise<T> => {
    const started = task().finally(() => {
      if (current === started) current = undefined;
    });
    current = started;
    return started;
  };

  return {
    current: () => current,
    run: async (task, waitMsMax) => {
      for (let waits = 0; waits < FLIGHT_WAITS_MAX && current !== undefined; waits += 1) {
        const joined = current;
        if (waitMsMax === undefined) return joined;
        const wait = boundedWait(waitMsMax, () => undefined);
        const settled = joined.then((value) => ({ value }));
        const result = await Promise.race([settled, wait.result]).finally(() => {
          wait.end(undefined);
        });
        if (result !== undefined) return result.value;
        if (current === joined) current = undefined;
      }
      return start(task);
    },
  };
}
