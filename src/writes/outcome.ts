import type { Change, Fault, StoredProfile } from '../adapter-kit/index.ts';
import type { AcceptedChange } from './compare.ts';
import type { Refusal } from './plan.ts';

/** Changes that were answered by 2xx, by what was seen of them. */
export type ChangeBuckets = {
  readonly confirmed: readonly Change[];
  /** Surely not stored. */
  readonly notStored: readonly Change[];
  /** Neither can be said. */
  readonly unconfirmed: readonly Change[];
};

/** How a write ended, with what was seen of it. */
export type WriteOutcome =
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
      /** For `partial`: accepted by the target, which does not return them in a comparable form. */
      readonly unconfirmed?: readonly string[];
      /** For `unknown` only. */
      readonly reason?: UnknownReason;
    };

/**
 * Basis of an outcome: the response to the write, a read that a response called for, or a read in
 * place of a response that is missing or unusable.
 */
export const EVIDENCE = ['response', 'read', 'read_back'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Reasons why an outcome is unknown, each with its sentence. */
export const UNKNOWN_REASONS = {
  read_back_failed: 'it could not be read back',
  conflicting_value: 'the profile has values that are neither the old nor the intended ones',
  not_comparable: 'the target does not return the written fields in a comparable form',
  unproven: 'nothing proves that the first attempt changed nothing',
  queued: 'the target may still apply it later',
  retry_failed: 'it failed a second time',
} as const;

export type UnknownReason = keyof typeof UNKNOWN_REASONS;

/** What was known when a write came to its end. */
export type WriteEvidence = {
  /** Surely not sent, or surely not applied. */
  readonly pending: readonly Change[];
  /** Taken by the target, with what was shown of each. */
  readonly accepted: readonly AcceptedChange[];
  readonly wasResent: boolean;
};

/** The end of a write whose next request was surely not applied, after those that `parted`. */
export function rejectedOrPartial(
  known: WriteEvidence,
  parted: ChangeBuckets,
  fault: Fault,
): WriteOutcome {
  if (known.wasResent) return unknown(known, 'retry_failed', fault);
  const { notStored, confirmed, unconfirmed } = parted;
  const notApplied = [...notStored, ...known.pending];
  return confirmed.length === 0 && unconfirmed.length === 0
    ? rejected(notApplied, fault)
    : partial({ confirmed: confirmed, notStored: notApplied, unconfirmed: unconfirmed }, fault);
}

/** Nothing of the patch is applied. */
export function rejected(changes: readonly Change[], fault: Fault): WriteOutcome {
  return { outcome: 'rejected', fault, applied: [], notApplied: pointers(changes) };
}

/** One part of the patch is applied and another is surely not. */
export function partial(
  { notStored, confirmed, unconfirmed }: ChangeBuckets,
  cause?: Fault,
): WriteOutcome {
  const because = cause === undefined ? '' : ` ${cause.detail}`;
  const detail = `The target applied only a part of the patch.${because}`;
  return {
    outcome: 'partial',
    fault: { ...cause, code: 'partially_applied', detail, effect: 'possible' },
    applied: pointers(confirmed),
    notApplied: pointers(notStored),
    ...(unconfirmed.length === 0 ? {} : { unconfirmed: pointers(unconfirmed) }),
  };
}

/** The honest end where neither "applied" nor "not applied" can be shown. */
export function unknown(
  { accepted }: WriteEvidence,
  reason: UnknownReason,
  cause?: Fault,
): WriteOutcome {
  const because = cause === undefined ? '' : ` ${cause.detail}`;
  const why = UNKNOWN_REASONS[reason];
  const detail = `It is unknown if the write was applied: ${why}.${because}`;
  const fault: Fault = { ...cause, code: 'outcome_unknown', detail, effect: 'possible' };
  const shown = accepted
    .filter(({ confirmation }) => confirmation === 'confirmed')
    .map(({ change }) => change);
  return { outcome: 'unknown', fault, applied: pointers(shown), notApplied: [], reason };
}

export function pointers(changes: readonly Change[]): string[] {
  return changes.map((change) => change.pointer);
}
