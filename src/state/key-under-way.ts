import type { StoredAnswer } from './state-database.ts';
import type { BeginRequest, Begun } from './state-store.ts';

/**
 * Returns the end of a request whose key is that of a write under way: its repeat, or another
 * request. `answer` is what is stored under the key; undefined where the write may not be sent yet.
 */
export function keyUnderWay(
  { idempotency }: Pick<BeginRequest, 'idempotency'>,
  answer: StoredAnswer | undefined,
): Begun {
  const isOther = answer !== undefined && answer.fingerprint !== idempotency?.fingerprint;
  return isOther ? { kind: 'answered', answer, leftMs: 0 } : { kind: 'in_progress' };
}
