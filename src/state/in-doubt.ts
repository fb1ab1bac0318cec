import { IN_DOUBT_MAX } from '../limits.ts';
import { createLru } from './lru.ts';

/** Profiles to which a write without an answer may still be applied by the vendor. */
export type InDoubtRegistry = {
  readonly mark: (key: string, untilMs: number) => void;
  readonly clear: (key: string) => void;
  /** Milliseconds until the profile is settled, 0 when it is. */
  readonly leftMs: (key: string, nowMs: number) => number;
};

export function createInDoubtRegistry(): InDoubtRegistry {
  const untilByKey = createLru<number>(IN_DOUBT_MAX);
  return {
    mark: (key, untilMs) => untilByKey.set(key, Math.max(untilMs, untilByKey.get(key) ?? 0)),
    clear: untilByKey.delete,
    leftMs: (key, nowMs) => {
      const untilMs = untilByKey.get(key);
      if (untilMs === undefined) return 0;
      if (untilMs <= nowMs) untilByKey.delete(key);
      return Math.max(0, untilMs - nowMs);
    },
  };
}
