/** A wait for a value that somebody else has. */
export type BoundedWait<T> = {
  readonly result: Promise<T>;
  /** Ends the wait with `value`, unless it has ended already. */
  readonly end: (value: T) => void;
};

/**
 * Starts a wait that ends with a value, or after `waitMsMax` with that of `onLate`. The one who
 * waits clears the timer: on Workers `end` is called in the context of another request, which
 * cannot, so that a timer may fire after the end.
 */
export function boundedWait<T>(waitMsMax: number, onLate: () => T): BoundedWait<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  let hasEnded = false;
  const end = (value: T): void => {
    hasEnded = true;
    resolve(value);
  };
  const timer = setTimeout(() => {
    if (!hasEnded) end(onLate());
  }, waitMsMax);
  return { result: promise.finally(() => clearTimeout(timer)), end };
}
