import type { DatabaseSync } from 'node:sqlite';
import { integerAt } from './rows.ts';

/** Finds a lease that is held: by its key, its fence and the id of its write. */
export const LEASE_HELD = `
  SELECT 1 FROM lease WHERE key = ? AND fence = ? AND write_id = ? AND replica <> 0`;

/** Source of fences: each is above all that were drawn before. */
export type Fences = {
  /** Draws so many fences, which end with the one that it returns. */
  readonly draw: (count: number) => number;
};

/** Creates the source of fences of one file; only for use in a transaction that writes. */
export function createFences(db: DatabaseSync): Fences {
  const drawing = db.prepare('UPDATE last_fence SET fence = fence + ? RETURNING fence');
  return { draw: (count) => integerAt(drawing.get(count), 'fence') };
}
