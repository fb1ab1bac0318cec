import type { FailureCode, Problem } from './schemas.ts';
import type { Sent } from './send-with-repeats.ts';

/**
 * The end of a delete. `applied`: the profile is deleted. `rejected`: it was not. `unknown`: nobody
 * knows; `profile_not_found` then is the answer to a repeat, so that it is gone by now.
 */
export type DeleteResult = {
  readonly writeId?: string | undefined;
  readonly requestId?: string | undefined;
} & (
  | { readonly outcome: 'applied' }
  | {
      readonly outcome: 'rejected';
      readonly code: FailureCode;
      readonly problem: Problem;
      /** Tag of the profile that a condition did not hold for. */
      readonly etag?: string | undefined;
    }
  | {
      readonly outcome: 'unknown';
      readonly code: FailureCode;
      /** Absent where the gateway was not heard. */
      readonly problem?: Problem | undefined;
    }
);

/** Returns the result that the answers to a delete stand for. */
export function deleteResultOf({ answer, isOpen }: Sent): DeleteResult {
  if (answer.kind === 'none') return { outcome: 'unknown', code: answer.code };
  const { headers } = answer;
  const named = {
    writeId: headers.get('X-Write-Id') ?? undefined,
    requestId: headers.get('X-Request-Id') ?? undefined,
  };
  if (answer.kind === 'success') return { ...named, outcome: 'applied' };
  const { problem, status } = answer;
  const failed = { ...named, code: problem.code, problem };
  const outcome = problem.outcome ?? (status < 500 ? 'rejected' : 'unknown');
  // A refusal of the last request says nothing of those before it.
  return outcome === 'unknown' || isOpen
    ? { ...failed, outcome: 'unknown' }
    : { ...failed, outcome: 'rejected', etag: headers.get('ETag') ?? undefined };
}
