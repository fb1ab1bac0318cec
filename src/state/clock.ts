export type Clock = {
  /** Unix milliseconds, for what has to be a moment: the clock may be set at any time. */
  readonly now: () => number;
  /** Milliseconds since some moment, for spans and deadlines: setting the clock leaves them be. */
  readonly monotonicMs: () => number;
};

/** The clock of the runtime, in whole milliseconds; `performance` of Workers is the set one. */
export const systemClock: Clock = {
  now: Date.now,
  monotonicMs: withoutStepsBack(() => Math.round(performance.now())),
};

/** Returns a clock that goes on where `readMs` was set back. */
export function withoutStepsBack(readMs: () => number): () => number {
  let lastMs = Number.NEGATIVE_INFINITY;
  let aheadMs = 0;
  return () => {
    const ms = readMs();
    if (ms < lastMs) aheadMs += lastMs - ms;
    lastMs = ms;
    return ms + aheadMs;
  };
}

/** Waits for so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
