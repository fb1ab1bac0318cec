import type { Change, StoredProfile } from '../adapter-kit/index.ts';
import { classifyByRead, classifyByResponse, confirmationsBy } from './classify-changes.ts';
import { confirm, equalExcept, isAlreadyApplied } from './compare.ts';
import {
  completed,
  rejectedOrPartial,
  type UnknownReason,
  unknown,
  type WriteOutcome,
} from './outcome.ts';
import { lastChange, type VendorClock } from './vendor-timeline.ts';
import {
  type SendResult,
  type UnansweredSend,
  type WriteState,
  withAccepted,
  withReadBack,
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
  | 'unchanged'
  | 'unchanged_again'
  | 'not_comparable'
  | 'unproven'
  | 'conflicting_value';

/** The next step, or the reason why the outcome stays unknown. */
type Action = 'read_back' | 'accept' | 'resend' | UnknownReason;

/**
 * The decision table for a send without a response. Nothing is sent twice but on proof that the
 * first send changed nothing, and no more than twice.
 */
const AFTER_NO_RESPONSE: Readonly<Record<Finding, Action>> = {
  queued: 'queued',
  not_read: 'read_back',
  read_failed: 'read_back_failed',
  applied: 'accept',
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
  return completed(all, before, classifyByRead(all, before), all.evidence);
}

/** Every write got a 2xx: what its response does not show or contradicts is read once. */
function decideAccepted(
  state: WriteState,
  { last, read, sentAtMs, written }: Extract<SendResult, { kind: 'accepted' }>,
  clock: VendorClock | undefined,
): Decision {
  const { accepted, evidence, wasResent } = state;
  const { profile: response } = written;
  const end = (outcome: WriteOutcome): Decision => ({ kind: 'outcome', state, outcome });
  const isNoop = written.noop === true && !wasResent;
  if (read?.ok === true) {
    const { value: profile } = read;
    const outcome = completed(state, profile, classifyByRead(state, profile), 'read');
    // The request may have gone through twice, and "nothing changed" be said of the second time.
    const isUntouched = isNoop && !hasChanged(state, profile, clock, sentAtMs);
    return end(isUntouched ? asNoop(outcome) : outcome);
  }
  // Where one write was all, its response has been compared with everything.
  const confirmations =
    response === undefined
      ? []
      : last.length === accepted.length
        ? accepted.map(({ confirmation }) => confirmation)
        : confirmationsBy(state, response);
  const isConsistent = response !== undefined && !confirmations.includes('contradicted');
  if (!isConsistent && read === undefined) return { kind: 'read_back', state };
  const outcome = completed(state, response, classifyByResponse(state, confirmations), evidence);
  return end(isNoop && !isConsistent ? asNoop(outcome) : outcome);
}

function hasChanged(
  { initialProfile }: WriteState,
  profile: StoredProfile,
  clock: VendorClock | undefined,
  sentAtMs: number,
): boolean {
  return initialProfile === undefined
    ? lastChange(clock, sentAtMs, profile) === 'since'
    : !equalExcept([], initialProfile.content, profile.content);
}

function asNoop(outcome: WriteOutcome): WriteOutcome {
  return outcome.outcome === 'applied' ? { ...outcome, outcome: 'noop' } : outcome;
}

/** The next request was surely not applied: what earlier ones did decides. */
function decideRefused(
  state: WriteState,
  { fault, read }: Extract<SendResult, { kind: 'refused' }>,
): Decision {
  const confirmations = state.accepted.map(({ confirmation }) => confirmation);
  const isConfirmed = confirmations.every((confirmation) => confirmation === 'confirmed');
  if (!isConfirmed && read === undefined) return { kind: 'read_back', state };
  const buckets =
    !isConfirmed && read?.ok === true
      ? classifyByRead(state, read.value)
      : classifyByResponse(state, confirmations);
  return { kind: 'outcome', state, outcome: rejectedOrPartial(state, buckets, fault) };
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
  if (action !== 'accept') {
    return { kind: 'outcome', state, outcome: unknown(state, action, sent.fault) };
  }
  if (sent.read?.ok !== true)
    throw new Error('a write was accepted without the read that shows it');
  const { value: profile } = sent.read;
  const next = withReadBack(state, sent, profile, observedNewValue);
  if (next.pending.length > 0) return { kind: 'resend', state: next };
  const outcome = completed(next, profile, classifyByRead(next, profile), 'read_back');
  return { kind: 'outcome', state: next, outcome };
}

/** Judges a read after a send without a response: are its changes applied, or is nothing? */
function findingOf(
  { wasResent }: WriteState,
  { baseline, changes, fault, read, sentAtMs }: UnansweredSend & Pick<SendResult, 'read'>,
  clock: VendorClock | undefined,
): { readonly finding: Finding; readonly observedNewValue: boolean } {
  const found = (finding: Finding, observedNewValue = false) => ({ finding, observedNewValue });
  if (fault.effect === 'queued') return found('queued');
  if (read === undefined) return found('not_read');
  if (!read.ok) return found('read_failed');
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
  if (isUnchanged(baseline, profile, clock, sentAtMs)) {
    return found(wasResent ? 'unchanged_again' : 'unchanged');
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
