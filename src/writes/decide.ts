import type { Change, StoredProfile } from '../adapter-kit/index.ts';
import {
  type ChangeBuckets,
  classifyByRead,
  classifyByResponse,
  confirmationsBy,
} from './classify-changes.ts';
import { confirm, equalExcept, isAlreadyApplied } from './compare.ts';
import {
  completed,
  rejectedOrPartial,
  type Shown,
  type UnknownReason,
  unknown,
  type WriteOutcome,
} from './outcome.ts';
import { lastChange, movementOf, type VendorClock } from './vendor-timeline.ts';
import {
  type Evidence,
  type SendResult,
  type UnansweredSend,
  type WriteState,
  withAccepted,
  withReadBack,
  withRefusedSend,
  withResend,
} from './write-state.ts';

/** The next step of a write, with what is known by then. */
export type Decision = { readonly state: WriteState } & (
  | { readonly kind: 'outcome'; readonly outcome: WriteOutcome }
  /** Read the profile, then decide again. */
  | { readonly kind: 'read_back' }
  /** Run the plan again, from its first read. */
  | { readonly kind: 'resend' }
);

/** Knowledge about a send without a response. */
type Finding =
  | 'queued'
  | 'not_read'
  | 'read_failed'
  | 'applied'
  | 'refused'
  | 'unchanged'
  | 'unchanged_again'
  | 'not_comparable'
  | 'unproven'
  | 'conflicting_value';

/** The next step, or the reason why the outcome stays unknown. */
type Action = 'read_back' | 'accept' | 'refuse' | 'resend' | UnknownReason;

/**
 * The decision table for a send without a response. Nothing is sent twice but on proof that the
 * first send changed nothing, and no more than twice.
 */
const AFTER_NO_RESPONSE: Readonly<Record<Finding, Action>> = {
  queued: 'queued',
  not_read: 'read_back',
  read_failed: 'read_back_failed',
  applied: 'accept',
  refused: 'refuse',
  unchanged: 'resend',
  unchanged_again: 'retry_failed',
  not_comparable: 'not_comparable',
  unproven: 'unproven',
  conflicting_value: 'conflicting_value',
};

/** Decides what follows a run of the plan, from what is known and the vendor's clock alone. */
export function decide(
  state: WriteState,
  sent: SendResult,
  clock: VendorClock | undefined,
): Decision {
  switch (sent.kind) {
    case 'accepted':
      return decideAccepted(state, sent, clock);
    case 'refused':
      return decideRefused(state, sent);
    case 'no_response':
      return decideUnanswered(state, sent, clock);
  }
}

/** Returns the outcome where `before`, read ahead of the send, shows that nothing is left to do. */
export function decideBeforeSend(
  state: WriteState,
  before: StoredProfile,
  isFirstRun: boolean,
): WriteOutcome | undefined {
  const { pending, refusals } = state;
  if (!isAlreadyApplied(pending, before.content)) return undefined;
  if (isFirstRun) {
    return { outcome: 'noop', profile: before, evidence: 'read', unconfirmed: [], refusals };
  }
  const all = withAccepted(state, pending, before.content, before.content);
  return completed(all, shownBy(all, before, 'read_back'));
}

/** Every write got a 2xx: what its response does not show or contradicts is read once. */
function decideAccepted(
  state: WriteState,
  { last, read, sentAtMs, written }: Extract<SendResult, { kind: 'accepted' }>,
  clock: VendorClock | undefined,
): Decision {
  const end = (outcome: WriteOutcome): Decision => ({ kind: 'outcome', state, outcome });
  const { accepted, evidence, initialProfile } = state;
  const { profile, noop: isNoop = false } = written;
  if (read?.ok === true) {
    const shown = shownBy(state, read.value, 'read', clock, sentAtMs);
    return end(completed(state, { ...shown, isNoop }));
  }
  // Where one write was all, its response has been compared with everything.
  const buckets =
    profile === undefined || last.length === accepted.length
      ? acceptedBuckets(state)
      : classifyByResponse(state, confirmationsBy(state, profile));
  // What is confirmed was written, unless the vendor itself reported no change.
  const isMovementSettled = profile === undefined || (buckets.confirmed.length > 0 && !isNoop);
  const movement = isMovementSettled
    ? 'unknown'
    : movementOf(profile, initialProfile, clock, sentAtMs);
  const isShown = buckets.confirmed.length > 0 || movement !== 'unmoved';
  const isConsistent = profile !== undefined && buckets.conflicting.length === 0 && isShown;
  const isAllConfirmed = buckets.confirmed.length === accepted.length;
  // Where the profile cannot be read, what the writes' own responses show stands.
  const isUncontested =
    profile === undefined && read !== undefined && (isAllConfirmed || (isNoop && !state.wasResent));
  if (isConsistent || isUncontested) {
    return end(completed(state, { profile, buckets, evidence, movement, isNoop }));
  }
  if (read === undefined) return { kind: 'read_back', state };
  return end(unknown(state, 'read_back_failed', buckets, read.fault));
}

/** Compares a profile that was read after all writes with the accepted changes. */
function shownBy(
  state: WriteState,
  profile: StoredProfile,
  evidence: Evidence,
  clock?: VendorClock,
  sentAtMs = 0,
): Shown {
  const movement = movementOf(profile, state.initialProfile, clock, sentAtMs);
  const buckets = classifyByRead(state, profile, movement);
  return { profile, buckets, evidence, movement, isNoop: false };
}

/** The next request was surely not applied: what earlier ones did decides. */
function decideRefused(
  state: WriteState,
  { fault, read }: Extract<SendResult, { kind: 'refused' }>,
): Decision {
  const end = (outcome: WriteOutcome): Decision => ({ kind: 'outcome', state, outcome });
  const buckets = acceptedBuckets(state);
  const isConfirmed = buckets.confirmed.length === state.accepted.length;
  if (isConfirmed) return end(rejectedOrPartial(state, buckets, fault));
  if (read === undefined) return { kind: 'read_back', state };
  if (read.ok) {
    const { buckets: seen } = shownBy(state, read.value, 'read');
    return end(rejectedOrPartial(state, seen, fault));
  }
  if (buckets.conflicting.length > 0) {
    return end(unknown(state, 'read_back_failed', buckets, read.fault));
  }
  return end(rejectedOrPartial(state, buckets, fault));
}

/** Sorts the accepted changes by the responses to their own writes. */
export function acceptedBuckets(state: WriteState): ChangeBuckets {
  return classifyByResponse(
    state,
    state.accepted.map(({ confirmation }) => confirmation),
  );
}

function decideUnanswered(
  state: WriteState,
  sent: Extract<SendResult, { kind: 'no_response' }>,
  clock: VendorClock | undefined,
): Decision {
  const { finding, observedNewValue } = findingOf(state, sent, clock);
  const action = AFTER_NO_RESPONSE[finding];
  if (action === 'read_back') return { kind: action, state };
  if (action === 'resend') return { kind: action, state: withResend(state) };
  if (action === 'refuse') {
    return decideRefused(withRefusedSend(state, sent), { ...sent, kind: 'refused' });
  }
  if (action !== 'accept') {
    const outcome = unknown(state, action, acceptedBuckets(state), sent.fault);
    return { kind: 'outcome', state, outcome };
  }
  if (sent.read?.ok !== true)
    throw new Error('a write was accepted without the read that shows it');
  const { value: profile } = sent.read;
  const next = withReadBack(state, sent, profile, observedNewValue);
  if (next.pending.length > 0) return { kind: 'resend', state: next };
  const shown = shownBy(next, profile, 'read_back', clock, sent.sentAtMs);
  const outcome = completed(next, shown);
  return { kind: 'outcome', state: next, outcome };
}

/** Judges a read after a send without a response: are its changes applied, or is nothing? */
function findingOf(
  { wasResent }: WriteState,
  { baseline, changes, fault, read, sentAtMs }: UnansweredSend & Pick<SendResult, 'read'>,
  clock: VendorClock | undefined,
): { readonly finding: Finding; readonly observedNewValue: boolean } {
  const found = (finding: Finding, observedNewValue = false) => ({ finding, observedNewValue });
  if (read === undefined) return found('not_read');
  if (!read.ok) return found(fault.effect === 'queued' ? 'queued' : 'read_failed');
  const { value: profile } = read;
  const before = baseline.profile;
  const confirmations = changes.map((change) => confirm(change, profile.content, before?.content));
  const isContradicted = confirmations.includes('contradicted');
  if (!isContradicted) {
    const observedNewValue = changes.some(
      (change, i) => confirmations[i] === 'confirmed' && isNewSince(change, before),
    );
    // One request is applied whole: what is new in it proves what is not shown.
    const isShown = observedNewValue || !confirmations.includes('unconfirmed');
    if (isShown) return found('applied', observedNewValue);
  }
  // What a vendor has queued it may still apply: neither the old values nor others prove anything.
  if (fault.effect === 'queued') return found('queued');
  if (isUnchanged(baseline, profile, clock, sentAtMs)) {
    if (wasResent) return found('unchanged_again');
    // Nor was it delivered before the refusal, which the read would show.
    return found(fault.effect === 'none' ? 'refused' : 'unchanged');
  }
  if (!isContradicted) return found('not_comparable');
  return found(before === undefined ? 'unproven' : 'conflicting_value');
}

function isNewSince(change: Change, before: StoredProfile | undefined): boolean {
  return before !== undefined && confirm(change, before.content, before.content) !== 'confirmed';
}

/** Proof that a send changed nothing so far: the read before it, or the vendor's own clock. */
function isUnchanged(
  { excluding, profile: before }: UnansweredSend['baseline'],
  profile: StoredProfile,
  clock: VendorClock | undefined,
  sentAtMs: number,
): boolean {
  if (before !== undefined) return equalExcept(excluding, before.content, profile.content);
  return excluding.length === 0 && lastChange(clock, sentAtMs, profile) === 'before';
}
