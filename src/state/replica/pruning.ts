import { PRUNE_BEATS, PRUNE_ROWS_MAX, PRUNINGS_PER_BEAT_MAX } from '../../limits.ts';
import type { Retention, StateDatabase } from '../state-database.ts';

/**
 * Creates the step of each beat that removes what has served its time, one small batch at a time so
 * that writes are not held up. It looks every `PRUNE_BEATS` beats, and at the next one where it
 * left something. Rejects with `StateUnavailable`.
 */
export function createPruneStep(
  { prune }: Pick<StateDatabase, 'prune'>,
  retention: Retention,
): () => Promise<void> {
  let beatsLeft = PRUNE_BEATS;
  let isRunning = false;

  /** Reports whether there may be more than it has removed. */
  const pruneOften = async (): Promise<boolean> => {
    for (let count = 0; count < PRUNINGS_PER_BEAT_MAX; count += 1) {
      if ((await prune(retention, PRUNE_ROWS_MAX)) < PRUNE_ROWS_MAX) return false;
    }
    return true;
  };

  return async () => {
    beatsLeft -= 1;
    if (beatsLeft > 0 || isRunning) return;
    beatsLeft = PRUNE_BEATS;
    isRunning = true;
    try {
      if (await pruneOften()) beatsLeft = 1;
    } finally {
      isRunning = false;
    }
  };
}
