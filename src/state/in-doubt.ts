import { IN_DOUBT_MAX } from '../limits.ts';
import { createCompactingMap } from './compacting-map.ts';

/** Profiles to which a write without an answer may still be applied by the vendor. */
export type InDoubtRegistry = {
  readonly mark: (key: string, untilMs: number) => void;
  readonly clear: (key: string) => void;
  /** Milliseconds until the profile is settled, 0 when it is. */
  readonly leftMs: (key: string, nowMs: number) => number;
};

export function createInDoubtRegistry(): InDoubtRegistry {
  const untilByKey = createCompactingMap<number>();
  return {
    mark: (key, untilMs) => {
      const known = untilByKey.get(key);
      if (known !== undefined) untilByKey.delete(key);
      untilByKey.set(key, Math.max(untilMs, known ?? 0));
      const oldest = untilByKey.size() > IN_DOUBT_MAX ? untilByKey.oldest() : undefined;
      if (oldest !== undefined) untilByKey.delete(oldest);
    },
    clear: untilByKey.delete,
    leftMs: (key, nowMs) => {
      const untilMs = untilByKey.get(key);
      if (untilMs === undefined) return 0;
      if (untilMs <= nowMs) untilByKey.delete(key);
      return Math.max(0, untilMs - nowMs);
    },
  };
}
