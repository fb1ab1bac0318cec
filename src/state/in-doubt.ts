import { IN_DOUBT_MAX } from '../limits.ts';
import { createLru } from './lru.ts';

/** Profiles to which a write without an answer may still be applied by the vendor. */
export type InDoubtRegistry = {
  /** Marks a profile for `lengthMs` from now; never ends an earlier mark sooner. */
  readonly mark: (key: string, lengthMs: number) => void;
  readonly clear: (key: string) => void;
  /** Milliseconds until the profile is settled, 0 when it is. */
  readonly leftMs: (key: string) => number;
};

export function createInDoubtRegistry(monotonicMs: () => number): InDoubtRegistry {
  const untilByKey = createLru<number>(IN_DOUBT_MAX);
  return {
    mark: (key, lengthMs) => {
      const untilMs = monotonicMs() + lengthMs;
      untilByKey.set(key, Math.max(untilMs, untilByKey.get(key) ?? untilMs));
    },
    clear: untilByKey.delete,
    leftMs: (key) => {
      const untilMs = untilByKey.get(key);
      if (untilMs === undefined) return 0;
      const leftMs = Math.max(0, untilMs - monotonicMs());
      if (leftMs === 0) untilByKey.delete(key);
      return leftMs;
    },
  };
}
