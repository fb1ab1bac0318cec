import { FLIGHT_WAITS_MAX } from '../limits.ts';

/** Shares one run of a task among all who ask while it runs. */
export type SingleFlight<T> = {
  /** Returns the task under way, or undefined. */
  readonly current: () => Promise<T> | undefined;
  /**
   * Joins the task under way, or starts `task` where there is none. `waitLimit` bounds each wait
   * for a task that another request started: on Workers that request may have been stopped, and its
   * promise then never settles. After `FLIGHT_WAITS_MAX` waits in vain, `task` starts in any case.
   */
  readonly run: (task: () => Promise<T>, waitLimit?: () => Promise<void>) => Promise<T>;
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
    run: async (task, waitLimit) => {
      for (let waits = 0; waits < FLIGHT_WAITS_MAX && current !== undefined; waits += 1) {
        const joined = current;
        if (waitLimit === undefined) return joined;
        const settled = joined.then((value) => ({ value }));
        const result = await Promise.race([settled, waitLimit()]);
        if (result !== undefined) return result.value;
        if (current === joined) current = undefined;
      }
      return start(task);
    },
  };
}
