import type { Answer } from './answer.ts';
import type { FailureCode, Problem } from './schemas.ts';

/** A call that only reads has failed. */
export type Failure = {
  readonly ok: false;
  readonly code: FailureCode;
  /** Absent where the gateway was not heard. */
  readonly problem?: Problem | undefined;
};

/** The end of a call that only reads. */
export type ReadResult<T> = (T & { readonly ok: true }) | Failure;

/** Returns the result that an answer stands for; `partOf` returns what callers get of a success. */
export function readResultOf<T>(
  answer: Answer,
  partOf: (answer: Extract<Answer, { kind: 'success' }>) => T | undefined,
): ReadResult<T> {
  if (answer.kind === 'none') return { ok: false, code: answer.code };
  if (answer.kind === 'problem') {
    return { ok: false, code: answer.problem.code, problem: answer.problem };
  }
  const value = partOf(answer);
  return value === undefined ? { ok: false, code: 'no_response' } : { ...value, ok: true };
}
