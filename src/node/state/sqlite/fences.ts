import type { DatabaseSync } from 'node:sqlite';
import { integerAt } from './rows.ts';

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
