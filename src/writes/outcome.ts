import type { Change, Fault, StoredProfile } from '../adapter-kit/index.ts';
import type { ChangeBuckets } from './classify-changes.ts';
import type { Refusal } from './plan.ts';
import type { Movement } from './vendor-timeline.ts';
import type { Evidence, WriteState } from './write-state.ts';

/**
 * Outcome of a write, with what was seen of it. Each change is in exactly one list, but that
 * `applied` and `noop` leave out those that are confirmed.
 */
export type WriteOutcome = {
  /** Members that were dropped because they do not fit the profile as it is. */
  readonly refusals: readonly Refusal[];
  /** Accepted by the target, which does not return them in a comparable form. */
  readonly unconfirmed: readonly string[];
} & (
  | {
      readonly outcome: 'applied' | 'noop';
      /** Absent when the vendor took the write and then showed nothing of it. */
      readonly profile: StoredProfile | undefined;
      readonly evidence: Evidence;
    }
  | FailedOutcome
);

/** End of a write that is not a success, as far as it says where each change is now. */
export type FailedOutcome = {
  readonly outcome: 'rejected' | 'partial' | 'unknown';
  readonly fault: Fault;
  readonly applied: readonly string[];
  readonly notApplied: readonly string[];
  /** For `unknown` only: sent, and neither shown to be applied nor shown not to be. */
  readonly sent?: readonly string[];
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
  deleted_or_hidden: 'the profile is not shown any more, as a hidden one would not be',
  fenced: 'another replica has closed it',
  ambiguous: 'the target has several profiles that it may have created',
} as const;

export type UnknownReason = keyof typeof UNKNOWN_REASONS;

/** Evidence of a profile about a write whose changes were all accepted. */
export type Shown = {
  readonly profile: StoredProfile | undefined;
  readonly buckets: ChangeBuckets;
  readonly evidence: Evidence;
  readonly movement: Movement;
  /** The vendor reported that nothing changed. */
  readonly isNoop: boolean;
};

/** Returns the outcome of a write whose changes were all accepted. */
export function completed(state: WriteState, shown: Shown): WriteOutcome {
  const { buckets, evidence, movement, profile } = shown;
  const { confirmed, conflicting, notStored, unconfirmed } = buckets;
  const { refusals, wasResent } = state;
  if (conflicting.length > 0) return unknown(state, 'conflicting_value', buckets);
  const isUnmoved = movement === 'unmoved';
  // Nothing is shown and nothing changed: the values were there, or the vendor ignores them.
  const isIneffective = isUnmoved && confirmed.length === 0;
  if (notStored.length === 0) {
    if (isIneffective && wasResent) return unknown(state, 'not_comparable', buckets);
    // A request may go through twice, and "nothing changed" be said of the second time.
    const isNoop = shown.isNoop && !wasResent && movement !== 'moved';
    const outcome = isNoop || isIneffective ? 'noop' : 'applied';
    return { outcome, profile, evidence, unconfirmed: pointers(unconfirmed), refusals };
  }
  if (mayYetBeApplied(state, notStored)) return unknown(state, 'retry_failed', buckets);
  if (isIneffective || confirmed.length + unconfirmed.length === 0) {
    const detail = 'The target reported success but did not store the values.';
    return rejected(state, { code: 'not_stored', detail, effect: 'none' });
  }
  const hasMoved = movement === 'moved' || movement === 'untimed';
  if (confirmed.length > 0 || hasMoved) return partial(state, buckets);
  return unknown(state, 'not_comparable', buckets);
}

/** Returns the outcome of a write whose next request was surely not applied. */
export function rejectedOrPartial(
  state: WriteState,
  buckets: ChangeBuckets,
  fault: Fault,
): WriteOutcome {
  const { confirmed, conflicting, notStored, unconfirmed } = buckets;
  if (mayYetBeApplied(state, [...notStored, ...state.pending])) {
    return unknown(state, 'retry_failed', buckets, fault);
  }
  if (conflicting.length > 0) return unknown(state, 'conflicting_value', buckets, fault);
  return confirmed.length === 0 && unconfirmed.length === 0
    ? rejected(state, fault)
    : partial(state, buckets, fault);
}

/** Reports whether one of `changes`, which are not stored now, was sent without a response. */
function mayYetBeApplied({ unanswered }: WriteState, changes: readonly Change[]): boolean {
  return changes.some((change) => unanswered.includes(change));
}

/** Returns the outcome of a write of which nothing is applied. */
function rejected({ accepted, pending, refusals }: WriteState, fault: Fault): WriteOutcome {
  const notApplied = pointers([...accepted.map(({ change }) => change), ...pending]);
  return { outcome: 'rejected', fault, applied: [], notApplied, unconfirmed: [], refusals };
}

/** Returns the outcome of a write of which a part is applied and another is surely not. */
function partial(
  { pending, refusals }: WriteState,
  { confirmed, notStored, unconfirmed }: ChangeBuckets,
  cause?: Fault,
): WriteOutcome {
  const because = cause === undefined ? '' : ` ${cause.detail}`;
  const detail = `The target applied only a part of the patch.${because}`;
  return {
    outcome: 'partial',
    fault: { ...cause, code: 'partially_applied', detail, effect: 'possible' },
    applied: pointers(confirmed),
    notApplied: pointers([...notStored, ...pending]),
    unconfirmed: pointers(unconfirmed),
    refusals,
  };
}

/** Returns the honest outcome where neither "applied" nor "not applied" can be shown. */
export function unknown(
  { pending, refusals, unanswered }: WriteState,
  reason: UnknownReason,
  { confirmed, conflicting, notStored, unconfirmed }: ChangeBuckets,
  cause?: Fault,
): WriteOutcome {
  // What was sent without a response may be applied later, whatever the profile shows now.
  const sent = new Set([...conflicting, ...unanswered]);
  const notSeen = [...conflicting, ...notStored, ...pending];
  return {
    outcome: 'unknown',
    fault: unknownFault(reason, cause),
    applied: pointers(confirmed),
    notApplied: pointers(notSeen.filter((change) => !sent.has(change))),
    unconfirmed: pointers(unconfirmed),
    sent: pointers(notSeen.filter((change) => sent.has(change))),
    refusals,
    reason,
  };
}

/** Returns the fault of an outcome that is unknown, and what has caused it. */
export function unknownFault(reason: UnknownReason, cause?: Fault): Fault {
  const because = cause === undefined ? '' : ` ${cause.detail}`;
  const detail = `It is unknown if the write was applied: ${UNKNOWN_REASONS[reason]}.${because}`;
  return { ...cause, code: 'outcome_unknown', detail, effect: 'possible' };
}

function pointers(changes: readonly Change[]): string[] {
  return changes.map((change) => change.pointer);
}
