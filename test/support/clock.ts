import type { Clock } from '../../src/state/clock.ts';

/** A clock that nobody sets: its moments and its spans are those of `now`. */
export function clockOf(now: () => number): Clock {
  return { now, monotonicMs: now };
}
