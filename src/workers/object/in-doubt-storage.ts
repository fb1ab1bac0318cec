import type { InDoubtRegistry } from '../../state/in-doubt.ts';

/** The clock may have been set since, so the length bounds what is left. */
type StoredMark = { readonly untilMs: number; readonly lengthMs: number };

/**
 * Doubts in the storage of a profile's object. An object that nobody asks is evicted after some
 * seconds, sooner than a vendor is done with a write, and loses its memory with it.
 *
 * The mark before each send is also its fence: the runtime holds a request back until what was
 * stored before it is durable, and refuses to store for an object that another one has replaced.
 */
export function createStoredDoubts(
  { kv }: DurableObjectStorage,
  now: () => number = Date.now,
): InDoubtRegistry {
  const leftMs = (key: string): number => {
    const mark = kv.get<StoredMark>(key);
    if (mark === undefined) return 0;
    const { lengthMs, untilMs } = mark;
    const nowMs = now();
    if (untilMs <= nowMs) kv.delete(key);
    else if (untilMs > nowMs + lengthMs) kv.put(key, { untilMs: nowMs + lengthMs, lengthMs });
    return Math.min(Math.max(0, untilMs - nowMs), lengthMs);
  };
  return {
    mark: (key, lengthMs) => {
      if (lengthMs >= leftMs(key)) kv.put(key, { untilMs: now() + lengthMs, lengthMs });
    },
    clear: (key) => {
      kv.delete(key);
    },
    leftMs,
  };
}
