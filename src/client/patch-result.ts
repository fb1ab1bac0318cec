import { typed } from './answer.ts';
import type { FailureCode, Problem, ProblemCode, Profile, WriteReport } from './schemas.ts';
import type { Sent } from './send-with-repeats.ts';

/** Names a write in the gateway's log and receipts, and for a repeat of the call. */
type Named = {
  readonly idempotencyKey: string;
  readonly writeId?: string | undefined;
  readonly requestId?: string | undefined;
  /** The answer is that of an earlier request with the same key. */
  readonly isReplayed: boolean;
};

/**
 * The end of a patch. `applied`: the vendor has the change. `noop`: it had it before. `rejected`:
 * nothing was changed. `partial`: some members were changed, see `problem.applied`. `unknown`:
 * nobody knows; a call with the same key, id and patch asks again and never writes twice.
 */
export type PatchResult = Named &
  (
    | {
        readonly outcome: 'applied' | 'noop';
        readonly write: WriteReport;
        /** Absent with `returns: 'minimal'`, and for callers without `profiles:read`. */
        readonly profile?: Profile | undefined;
        readonly etag?: string | undefined;
      }
    | {
        readonly outcome: 'rejected' | 'partial';
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

/** The end of a create, with the path of the profile where it is known. */
export type CreateResult = PatchResult & { readonly location?: string | undefined };

type Written = { readonly profile?: Profile; readonly write?: WriteReport };

/** Codes that speak of the repeat alone: an earlier request with the key may have any end. */
const OF_THE_REPEAT: readonly ProblemCode[] = ['request_in_progress', 'idempotency_keys_lost'];

/** Returns the result that the answers to a patch stand for. */
export function patchResultOf({ answer, isOpen }: Sent, idempotencyKey: string): PatchResult {
  if (answer.kind === 'none') {
    return { outcome: 'unknown', code: answer.code, idempotencyKey, isReplayed: false };
  }
  const { headers } = answer;
  const named = {
    idempotencyKey,
    writeId: headers.get('X-Write-Id') ?? undefined,
    requestId: headers.get('X-Request-Id') ?? undefined,
    isReplayed: headers.get('Idempotency-Replayed') === 'true',
  };
  const etag = headers.get('ETag') ?? undefined;
  if (answer.kind === 'success') {
    const { profile, write } = typed<Written>(answer.body);
    if (write === undefined) return { ...named, outcome: 'unknown', code: 'no_response' };
    return { ...named, outcome: write.outcome, write, profile, etag };
  }
  const { problem } = answer;
  const failed = { ...named, code: problem.code, problem };
  const outcome = problem.outcome ?? (answer.status < 500 ? 'rejected' : 'unknown');
  // A refusal of the last request says nothing of those before it.
  const isOfRepeat = isOpen || OF_THE_REPEAT.includes(problem.code);
  const isUnclear = outcome === 'rejected' && isOfRepeat && !named.isReplayed;
  return outcome === 'unknown' || isUnclear
    ? { ...failed, outcome: 'unknown' }
    : { ...failed, outcome, etag };
}
