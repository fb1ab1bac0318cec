import { IN_DOUBT_MAX } from '../limits.ts';
import { createCompactingMap } from './compacting-map.ts';

/** Profiles to which a write without an answer may still be applied by the vendor. */
export type InDoubtRegistry = {
  /** Marks a profile for `lengthMs` from now; never ends an earlier mark sooner. */
  readonly mark: (key: string, lengthMs: number) => void;
  readonly clear: (key: string) => void;
  /** Milliseconds until the profile is settled, 0 when it is. */
  readonly leftMs: (key: string) => number;
};

/** Creates a registry of `IN_DOUBT_MAX` marks at most: beyond that the oldest one goes. */
export function createInDoubtRegistry(monotonicMs: () => number): InDoubtRegistry {
  const untilByKey = createCompactingMap<string, number>();
  return {
    mark: (key, lengthMs) => {
      const untilMs = monotonicMs() + lengthMs;
      const earlierMs = untilByKey.get(key) ?? untilMs;
      untilByKey.delete(key);
      untilByKey.set(key, Math.max(untilMs, earlierMs));
      const oldest = untilByKey.size() > IN_DOUBT_MAX ? untilByKey.oldest() : undefined;
      if (oldest !== undefined) untilByKey.delete(oldest);
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
