/** Collects items that one call can serve together. */
export type Batcher<I, O> = {
  /** Resolves to the result of the item; rejects where the call that carried it failed. */
  readonly add: (item: I) => Promise<O>;
  /** Items that wait for a call. */
  readonly waiting: () => number;
};

type Waiting<I, O> = {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Creates a batcher: what one turn of the event loop adds, and what comes while a call is under
 * way, goes in the next call, `itemsMax` at most. One call runs at a time. `run` returns a result
 * for each item, in their order; `atTurnEnd` runs a step once this turn is over.
 */
export function createBatcher<I, O>(
  itemsMax: number,
  atTurnEnd: (step: () => void) => void,
  run: (items: readonly I[]) => Promise<readonly O[]>,
): Batcher<I, O> {
  let queue: Waiting<I, O>[] = [];
  let isRunning = false;

  const flush = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue;
      queue = batch.splice(itemsMax);
      try {
        const results = await run(batch.map(({ item }) => item));
        batch.forEach(({ reject, resolve }, i) => {
          const result = results[i];
          if (result === undefined) reject(new Error('a call has left out an item of its batch'));
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isRunning = false;
  };

  return {
    add: (item) => {
      const { promise, reject, resolve } = Promise.withResolvers<O>();
      queue.push({ item, resolve, reject });
      if (!isRunning) {
        isRunning = true;
        atTurnEnd(() => void flush());
      }
      return promise;
    },
    waiting: () => queue.length,
  };
}
