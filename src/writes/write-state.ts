import type {
  Change,
  Fault,
  JsonObject,
  Result,
  StoredProfile,
  Written,
} from '../adapter-kit/index.ts';
import { type AcceptedChange, confirm } from './compare.ts';
import type { Refusal } from './plan.ts';

/**
 * Basis of an outcome: the response to the write, a read that a response called for, or a read in
 * place of a response that is missing or unusable.
 */
export const EVIDENCE = ['response', 'read', 'read_back'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Knowledge about a write, which further runs of its plan share. */
export type WriteState = {
  /** Changes that are still to be sent, or to be proven. */
  readonly pending: readonly Change[];
  /** Changes that the target accepted: answered by 2xx, or read back. */
  readonly accepted: readonly AcceptedChange[];
  /** The profile before the first write that was accepted, where it was read. */
  readonly initialProfile: StoredProfile | undefined;
  /** Members that were dropped because they do not fit the profile as it is. */
  readonly refusals: readonly Refusal[];
  readonly evidence: Evidence;
  /** A second send was made, on proof that the first had changed nothing. */
  readonly wasResent: boolean;
  /** Sends without a response that were not observed to be applied, so that they still may be. */
  readonly unresolvedSends: number;
  /** Changes that a send without a response carried. */
  readonly unanswered: readonly Change[];
};

/** The profile as it was last seen before a write. */
export type Baseline = {
  readonly profile: StoredProfile | undefined;
  /** Pointers that writes of this exchange have changed since. */
  readonly excluding: readonly string[];
};

/** A write that was sent and has no usable response. */
export type UnansweredSend = {
  readonly fault: Fault;
  readonly changes: readonly Change[];
  readonly baseline: Baseline;
  /** The moment of the send, by the monotonic clock. */
  readonly sentAtMs: number;
};

/**
 * Result of the writes of one run of the plan. `read` is the read of the profile that followed,
 * once one was made.
 */
export type SendResult = { readonly read?: Result<StoredProfile> } & (
  | {
      /** Every write got a 2xx. */
      readonly kind: 'accepted';
      readonly written: Written;
      /** The changes of the last write, with which its own response was compared. */
      readonly last: readonly Change[];
      readonly sentAtMs: number;
    }
  | {
      /** The next request was surely not applied. */
      readonly kind: 'refused';
      readonly fault: Fault;
    }
  | ({
      /** The next write may have been applied. */
      readonly kind: 'no_response';
    } & UnansweredSend)
);

/** Returns what is known before anything was sent. */
export function startWrite(changes: readonly Change[]): WriteState {
  return {
    pending: changes,
    accepted: [],
    initialProfile: undefined,
    refusals: [],
    evidence: 'response',
    wasResent: false,
    unresolvedSends: 0,
    unanswered: [],
  };
}

/** Keeps `before` as the initial profile until the target has accepted something. */
export function withRead(state: WriteState, before: StoredProfile | undefined): WriteState {
  return state.accepted.length === 0 ? { ...state, initialProfile: before } : state;
}

/** Leaves only `changes` to be sent, and keeps why the others were dropped. */
export function withFitting(
  state: WriteState,
  changes: readonly Change[],
  refusals: readonly Refusal[],
): WriteState {
  return { ...state, pending: changes, refusals: [...state.refusals, ...refusals] };
}

/**
 * Moves `changes` from pending to accepted, each with what `content` shows of it; `before` is the
 * content that they were merged into.
 */
export function withAccepted(
  state: WriteState,
  changes: readonly Change[],
  content: JsonObject | undefined,
  before: JsonObject | undefined,
): WriteState {
  const accepted = changes.map((change): AcceptedChange => {
    const confirmation = content === undefined ? 'unconfirmed' : confirm(change, content, before);
    return { change, confirmation };
  });
  return {
    ...state,
    pending: changes === state.pending ? [] : pendingAfter(state.pending, changes),
    accepted: [...state.accepted, ...accepted],
  };
}

function pendingAfter(pending: readonly Change[], changes: readonly Change[]): Change[] {
  const moved = new Set(changes);
  return pending.filter((change) => !moved.has(change));
}

/** Counts a send of `changes` that may still be applied. */
export function withUnresolvedSend(state: WriteState, changes: readonly Change[]): WriteState {
  const unanswered = [...state.unanswered, ...changes];
  return { ...state, unresolvedSends: state.unresolvedSends + 1, unanswered };
}

/** Records that a send was refused and is not applied, as a read has shown. */
export function withRefusedSend(
  state: WriteState,
  { changes }: Pick<UnansweredSend, 'changes'>,
): WriteState {
  const unanswered = state.unanswered.filter((change) => !changes.includes(change));
  return { ...state, unresolvedSends: state.unresolvedSends - 1, unanswered };
}

/** Records that `send` was read back as applied, with the profile that shows it. */
export function withReadBack(
  state: WriteState,
  { baseline, changes }: UnansweredSend,
  profile: StoredProfile,
  observedNewValue: boolean,
): WriteState {
  const accepted = withAccepted(state, changes, profile.content, baseline.profile?.content);
  // Of two sends of the same values it cannot be said which one was applied.
  const isResolved = observedNewValue && !state.wasResent;
  const unresolvedSends = state.unresolvedSends - (isResolved ? 1 : 0);
  return { ...accepted, unresolvedSends, evidence: 'read_back' };
}

/** Records that the plan runs once more, after proof that nothing had changed. */
export function withResend(state: WriteState): WriteState {
  return { ...state, wasResent: true };
}
