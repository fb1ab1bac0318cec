import type { Change, Fault, StoredProfile } from '../adapter-kit/index.ts';
import type { ChangeBuckets } from './classify-changes.ts';
import type { Refusal } from './plan.ts';
import type { Evidence, WriteState } from './write-state.ts';

/** Outcome of a write, with what was seen of it. */
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

/** Returns the outcome of a write whose changes were all accepted, as `profile` shows them. */
export function completed(
  state: WriteState,
  profile: StoredProfile | undefined,
  buckets: ChangeBuckets,
  evidence: Evidence,
): WriteOutcome {
  const { confirmed, notStored, unconfirmed } = buckets;
  if (notStored.length === 0) {
    const { refusals } = state;
    const open = pointers(unconfirmed);
    return { outcome: 'applied', profile, evidence, unconfirmed: open, refusals };
  }
  if (state.wasResent) return unknown(state, 'retry_failed');
  if (confirmed.length > 0) return partial(buckets);
  const detail = 'The target reported success but did not store the values.';
  // One request is applied whole: what is not shown was not stored either.
  return rejected([...notStored, ...unconfirmed], { code: 'not_stored', detail, effect: 'none' });
}

/** Returns the outcome of a write whose next request was surely not applied. */
export function rejectedOrPartial(
  state: WriteState,
  buckets: ChangeBuckets,
  fault: Fault,
): WriteOutcome {
  if (state.wasResent) return unknown(state, 'retry_failed', fault);
  const { notStored, confirmed, unconfirmed } = buckets;
  const notApplied = [...notStored, ...state.pending];
  return confirmed.length === 0 && unconfirmed.length === 0
    ? rejected(notApplied, fault)
    : partial({ confirmed, notStored: notApplied, unconfirmed }, fault);
}

/** Returns the outcome of a write of which nothing is applied. */
export function rejected(changes: readonly Change[], fault: Fault): WriteOutcome {
  return { outcome: 'rejected', fault, applied: [], notApplied: pointers(changes) };
}

/** Returns the outcome of a write of which a part is applied and another is surely not. */
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

/** Returns the honest outcome where neither "applied" nor "not applied" can be shown. */
export function unknown(
  { accepted }: WriteState,
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
