import type { InDoubtRegistry } from '../state/in-doubt.ts';

/**
 * Doubts in the storage of a profile's object. An object that nobody asks is evicted after some
 * seconds, sooner than a vendor is done with a write, and loses its memory with it. What is stored
 * is durable before a later request leaves the object.
 */
export function createStoredDoubts({ kv }: DurableObjectStorage): InDoubtRegistry {
  const untilMs = (key: string): number => kv.get<number>(key) ?? 0;
  return {
    mark: (key, until) => kv.put(key, Math.max(until, untilMs(key))),
    clear: (key) => {
      kv.delete(key);
    },
    leftMs: (key, nowMs) => {
      const until = untilMs(key);
      if (until > nowMs) return until - nowMs;
      if (until > 0) kv.delete(key);
      return 0;
    },
  };
}
