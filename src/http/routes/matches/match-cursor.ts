import type { Context } from 'hono';
import { type Fault, ownFault } from '../../../adapter-kit/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { changeReceipt, type OperatorChange } from '../operator-change.ts';

/** Returns the cursor of the candidates of a run after a key. */
export function cursorAfter(run: string, key: string): string {
  return encodeCursor('matches', `${run} ${key}`);
}

/** Returns the key that a cursor of a run leads to; undefined for any other cursor. */
export function placeIn(run: string, cursor: string): string | undefined {
  const [of, key] = decodeCursor('matches', cursor)?.split(' ') ?? [];
  return of === run ? key : undefined;
}

/** Returns the receipt of a change of a match run, its reason without secrets. */
export function matchReceipt(c: Context, change: Omit<OperatorChange, 'outcome'>) {
  const redactors = [...c.get('gateway').targets.values()].map(({ redactor }) => redactor);
  const reason = redactors.reduce((text, { text: clean }) => text && clean(text), change.reason);
  return changeReceipt(c, { ...change, reason, outcome: 'applied' });
}

/** Returns the fault of a path that names no match run. */
export function noRun(): Fault {
  return ownFault('not_found', 'There is no such match run.');
}
