import {
  type Change,
  type Connection,
  type Fault,
  fail,
  type MaybePromise,
  type Result,
  type StoredProfile,
  succeed,
} from '../adapter-kit/index.ts';
import { WRITE_RUNS_MAX } from '../limits.ts';
import type { InDoubtRegistry } from '../state/in-doubt.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import { isAlreadyApplied } from './compare.ts';
import { rejectedOrPartial, unknown, type WriteOutcome } from './outcome.ts';
import type { Refusal } from './plan.ts';
import { type Progress, recordAccepted, startProgress } from './progress.ts';
import { readBack } from './read-back.ts';
import { type Sent, sendWrites } from './send-writes.ts';
import { classifyChanges, completed, verify, verifyFirst } from './verify.ts';

/** Why the profile must not be written as it is now, or undefined. */
export type Precondition = (current: StoredProfile) => MaybePromise<Fault | undefined>;

export type WriteRequest = {
  readonly id: string;
  readonly changes: readonly Change[];
  /** Refuses the write by what the profile is now: `If-Match`. */
  readonly precondition: Precondition | undefined;
  /** Decides whether members that do not fit the profile as it is are dropped. */
  readonly lenient: boolean;
};

/** Where the doubts of one profile are kept. */
export type InDoubtMark = { readonly doubts: InDoubtRegistry; readonly key: string };

/**
 * Writes `changes` and finds out how it ended. Must run under the lock of the profile. Nothing is
 * sent twice but on proof that the first send changed nothing, and then as a new plan from its
 * first read.
 */
export async function writeProfile(
  exchange: Exchange,
  request: WriteRequest,
  doubt: InDoubtMark,
): Promise<WriteOutcome> {
  const { id } = request;
  const progress = startProgress(request.changes);
  for (let run = 1; run <= WRITE_RUNS_MAX; run += 1) {
    let before: StoredProfile | undefined;
    if (readsFirst(exchange, request, progress, run)) {
      const prepared = await prepare(exchange, request, progress, run);
      if ('outcome' in prepared) return prepared;
      before = prepared;
    }
    if (progress.accepted.length === 0) progress.initialProfile = before;
    // From before the send on, so that a writer that is stopped in the middle leaves a doubt.
    const startMs = markInDoubt(exchange, doubt);
    const sent = await sendWrites(exchange, id, progress, before, startMs);
    if (sent.kind !== 'no_response') clearInDoubt(progress, doubt);
    if (sent.kind === 'done') return verify(exchange, id, progress, sent);
    if (sent.kind === 'refused') return endUnapplied(exchange, id, progress, sent.fault);
    // Counted from when it was given up: it may have left at any time until then.
    markInDoubt(exchange, doubt);
    progress.unresolvedSends += 1;
    const settled = await resolveUnanswered(exchange, id, progress, sent, doubt);
    if (settled !== 'again') return settled;
  }
  return unknown(progress, 'retry_failed');
}

/** Begins a doubt, or draws it out; gives the moment that it counts from. */
function markInDoubt({ ports, target }: Exchange, { doubts, key }: InDoubtMark): number {
  const nowMs = ports.now();
  doubts.mark(key, nowMs + target.settleMs);
  return nowMs;
}

/** Ends the doubt where nothing that was sent can land any more. */
function clearInDoubt({ unresolvedSends }: Progress, { doubts, key }: InDoubtMark): void {
  if (unresolvedSends === 0) doubts.clear(key);
}

/** Whether the profile is read before its write. */
function readsFirst(
  { target }: Exchange,
  { precondition }: WriteRequest,
  { pending }: Progress,
  run: number,
): boolean {
  if (run > 1 || pending.length === 0 || precondition !== undefined) return true;
  return target.connection.requiresRead(pending);
}

/** The profile before a write, or the end of the write where that decides it already. */
async function prepare(
  exchange: Exchange,
  request: WriteRequest,
  progress: Progress,
  run: number,
): Promise<WriteOutcome | StoredProfile> {
  const { connection } = exchange.target;
  const { id, precondition } = request;
  const read = await readWithRetry(exchange, connection.read(id), exchange.writeDeadlineAtMs);
  if (!read.ok) return endUnapplied(exchange, id, progress, read.fault);
  const before = read.value;
  // Once a part is written the profile is another one than the caller named.
  const unmet = progress.accepted.length === 0 ? await precondition?.(before) : undefined;
  if (unmet !== undefined) return endUnapplied(exchange, id, progress, unmet);
  const unfit = preflight(exchange, request, progress, before);
  if (unfit !== undefined) return endUnapplied(exchange, id, progress, unfit);
  if (!isAlreadyApplied(progress.pending, before.content)) return before;
  if (run > 1) {
    recordAccepted(progress, progress.pending, before.content, before.content);
    return completed(progress, before, classifyChanges(progress, before), progress.evidence);
  }
  const { refusals } = progress;
  return { outcome: 'noop', profile: before, evidence: 'read', unconfirmed: [], refusals };
}

/** Takes out of what is pending the members that do not fit the profile as it is now. */
function preflight(
  { target }: Exchange,
  request: WriteRequest,
  progress: Progress,
  before: StoredProfile,
): Fault | undefined {
  const fit = fitTo(target.connection, progress.pending, before, request.lenient);
  if (!fit.ok) return fit.fault;
  progress.pending = fit.value.changes;
  progress.refusals = [...progress.refusals, ...fit.value.refusals];
  return undefined;
}

export type Fitting = {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
};

/** Parts the changes by whether they fit the profile as it is; only `lenient` goes on with some. */
export function fitTo(
  { preflight: refuse }: Connection,
  changes: readonly Change[],
  before: StoredProfile,
  lenient: boolean,
): Result<Fitting> {
  const refusals = refuse?.(changes, before) ?? [];
  if (refusals.length === 0) return succeed({ changes, refusals });
  const refusedPointers = new Set(refusals.map((refusal) => refusal.pointer));
  const fitting = changes.filter((change) => !refusedPointers.has(change.pointer));
  if (lenient && fitting.length > 0) return succeed({ changes: fitting, refusals });
  const detail = 'The target does not accept the patch in the current state of the profile.';
  return fail({ code: 'unsupported_patch', detail, effect: 'none', errors: refusals });
}

/** The end of a write whose next request was surely not applied. */
async function endUnapplied(
  exchange: Exchange,
  id: string,
  progress: Progress,
  fault: Fault,
): Promise<WriteOutcome> {
  return rejectedOrPartial(progress, await verifyFirst(exchange, id, progress), fault);
}

/**
 * After a send without a usable answer: reads back and decides. `again` asks for another run of
 * the plan, for what is still pending.
 */
async function resolveUnanswered(
  exchange: Exchange,
  id: string,
  progress: Progress,
  sent: Extract<Sent, { kind: 'no_response' }>,
  doubt: InDoubtMark,
): Promise<WriteOutcome | 'again'> {
  if (sent.fault.effect === 'queued') return unknown(progress, 'queued', sent.fault);
  const seen = await readBack(exchange, id, sent);
  if (seen.kind === 'unknown') return unknown(progress, seen.reason, sent.fault);
  if (seen.kind === 'unchanged') {
    if (progress.wasResent) return unknown(progress, 'retry_failed', sent.fault);
    progress.wasResent = true;
    return 'again';
  }
  const { profile } = seen;
  // Of two sends of the same it cannot be said which one it was.
  if (seen.observedNewValue && !progress.wasResent) {
    progress.unresolvedSends -= 1;
    clearInDoubt(progress, doubt);
  }
  const content = sent.baseline.profile?.content;
  recordAccepted(progress, sent.changes, profile.content, content);
  progress.evidence = 'read_back';
  if (progress.pending.length > 0) return 'again';
  return completed(progress, profile, classifyChanges(progress, profile), 'read_back');
}
