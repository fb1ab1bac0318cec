import type { Change, Fault, StoredProfile } from '../contract/index.ts';
import type { Refusal } from './plan.ts';

/** How a write ended, with what was seen of it. */
export type WriteEnd =
  | {
      readonly outcome: 'applied' | 'noop';
      /** Absent when the vendor took the write and then showed nothing of it. */
      readonly profile: StoredProfile | undefined;
      readonly evidence: Evidence;
      readonly unconfirmed: readonly string[];
      /** Members that were dropped because they do not fit the profile as it is. */
      readonly refusals: readonly Refusal[];
    }
  | {
      readonly outcome: 'rejected' | 'partial' | 'unknown';
      readonly fault: Fault;
      readonly applied: readonly string[];
      readonly notApplied: readonly string[];
      /** For `unknown` only. */
      readonly reason?: UnknownReason;
    };

/** What an outcome rests on: the write's own answer, a read after it, or a read in its stead. */
export type Evidence = 'answer' | 'read' | 'read-back';

/** Why a write's end cannot be known, with the sentence for it. */
const UNKNOWN_REASONS = {
  'no-read-back': 'it could not be read back',
  'third-value': 'the profile shows values that are neither the old nor the intended ones',
  'not-comparable': 'the target does not show the written fields as they were written',
  'not-proven': 'nothing proves that the first send changed nothing',
  queued: 'the target may still apply it later',
  'failed-again': 'it failed a second time',
} as const;

export type UnknownReason = keyof typeof UNKNOWN_REASONS;

/** What was proven before a write came to its end. */
export type Proven = {
  readonly pending: readonly Change[];
  readonly confirmed: readonly Change[];
  readonly resent: boolean;
};

/** The end of a write whose next request was surely not applied. */
export function stopped({ pending, confirmed, resent }: Proven, fault: Fault): WriteEnd {
  if (resent) return unknown({ pending, confirmed, resent }, 'failed-again', fault);
  if (confirmed.length === 0) {
    return { outcome: 'rejected', fault, applied: [], notApplied: pointers(pending) };
  }
  return partial(pointers(confirmed), pointers(pending), fault);
}

/** One part of the patch is applied and another is surely not. */
export function partial(
  applied: readonly string[],
  notApplied: readonly string[],
  cause?: Fault,
): WriteEnd {
  const because = cause === undefined ? '' : ` ${cause.detail}`;
  const detail = `The target applied a part of the patch only.${because}`;
  const fault: Fault = { ...cause, code: 'partially_applied', detail, effect: 'possible' };
  return { outcome: 'partial', fault, applied, notApplied };
}

/** The honest end where neither "applied" nor "not applied" can be shown. */
export function unknown(
  { confirmed }: Proven,
  reason: UnknownReason,
  cause: Fault | undefined,
): WriteEnd {
  const because = cause === undefined ? '' : ` ${cause.detail}`;
  const detail = `Whether the write was applied is not known: ${UNKNOWN_REASONS[reason]}.${because}`;
  const fault: Fault = { ...cause, code: 'outcome_unknown', detail, effect: 'possible' };
  return { outcome: 'unknown', fault, applied: pointers(confirmed), notApplied: [], reason };
}

export function pointers(changes: readonly Change[]): string[] {
  return changes.map((change) => change.pointer);
}
