import { DOUBTS_MAX } from './limits.ts';

/** Profiles to which a write without an answer may still be applied by the vendor. */
export type Doubts = {
  readonly add: (key: string, untilMs: number) => void;
  readonly clear: (key: string) => void;
  /** Milliseconds until the profile is settled, 0 when it is. */
  readonly leftMs: (key: string, nowMs: number) => number;
};

export function createDoubts(): Doubts {
  const untilByKey = new Map<string, number>();
  return {
    add: (key, untilMs) => {
      const until = Math.max(untilMs, untilByKey.get(key) ?? 0);
      untilByKey.delete(key);
      untilByKey.set(key, until);
      const oldest = untilByKey.keys().next();
      if (untilByKey.size > DOUBTS_MAX && oldest.done !== true) untilByKey.delete(oldest.value);
    },
    clear: (key) => {
      untilByKey.delete(key);
    },
    leftMs: (key, nowMs) => {
      const leftMs = (untilByKey.get(key) ?? 0) - nowMs;
      if (leftMs <= 0) untilByKey.delete(key);
      return Math.max(0, leftMs);
    },
  };
}
