import type { Change, Fault, StoredProfile } from '../contract/index.ts';
import { allShown } from './compare.ts';
import { drive, type Exchange } from './deliver.ts';
import type { Doubts } from './doubt.ts';
import { READ_BACK_RESERVE_MS, WRITE_RUNS_MAX } from './limits.ts';
import type { Refusal } from './plan.ts';
import { readBack } from './read-back.ts';
import { type Sent, sendWrites } from './send-writes.ts';
import { verify } from './verify.ts';
import { type Evidence, stopped, unknown, type WriteEnd } from './write-end.ts';

export type WriteRequest = {
  readonly id: string;
  readonly changes: readonly Change[];
  /** Refuses the write by what the profile is now: `If-Match`. */
  readonly precondition?: (current: StoredProfile) => Promise<Fault | undefined> | undefined;
  /** Decides whether members that do not fit the profile as it is are dropped. */
  readonly lenient: boolean;
};

/** What is known of a write so far; runs of the plan share it. */
export type Progress = {
  /** Still to be sent, or to be proven. */
  pending: readonly Change[];
  /** Sent, and proven by an answer or a read-back. */
  confirmed: readonly Change[];
  refusals: readonly Refusal[];
  evidence: Evidence;
  /** A second send was made, on proof that the first had changed nothing. */
  resent: boolean;
};

/**
 * Writes `changes` and finds out how it ended. Must run under the lock of the profile. Nothing is
 * sent twice but on proof that the first send changed nothing, and then as a new plan from its
 * first read.
 */
export async function writeProfile(
  exchange: Exchange,
  request: WriteRequest,
  doubt: { readonly doubts: Doubts; readonly key: string },
): Promise<WriteEnd> {
  const progress: Progress = {
    pending: request.changes,
    confirmed: [],
    refusals: [],
    evidence: 'answer',
    resent: false,
  };
  for (let run = 1; run <= WRITE_RUNS_MAX; run += 1) {
    const prepared = await prepare(exchange, request, progress, run);
    if ('outcome' in prepared) return prepared;
    const { before } = prepared;
    const sent = await sendWrites(exchange, request.id, progress.pending, before);
    confirm(progress, sent.confirmed);
    if (sent.kind === 'done') return verify(exchange, request.id, progress, before, sent.written);
    if (sent.kind === 'refused') return stopped(progress, sent.fault);
    doubt.doubts.add(doubt.key, sent.sentAtMs + exchange.target.settleMs);
    const settled = await settle(exchange, request, progress, before, sent);
    const landed = settled === 'applied' || (settled !== 'resend' && settled.outcome === 'applied');
    if (landed && !progress.resent) doubt.doubts.clear(doubt.key);
    if (typeof settled === 'object') return settled;
  }
  return unknown(progress, 'failed-again', undefined);
}

/** The read before a write, and what it already decides. */
async function prepare(
  exchange: Exchange,
  request: WriteRequest,
  progress: Progress,
  run: number,
): Promise<WriteEnd | { readonly before: StoredProfile | undefined }> {
  const { connection } = exchange.target;
  const { pending } = progress;
  const first = run === 1;
  const wanted =
    !first ||
    pending.length === 0 ||
    request.precondition !== undefined ||
    connection.needsRead(pending);
  if (!wanted) return { before: undefined };
  const untilMs = exchange.endMs - READ_BACK_RESERVE_MS;
  const read = await drive(exchange, connection.read(request.id), 'read', untilMs);
  if (!read.ok) return stopped(progress, read.fault);
  const before = read.value;
  const unmet = first ? await request.precondition?.(before) : undefined;
  if (unmet !== undefined) return stopped(progress, unmet);
  const refused = refine(exchange, request, progress, before);
  if (refused !== undefined) return refused;
  if (!allShown(progress.pending, before.content)) return { before };
  return {
    outcome: first ? 'noop' : 'applied',
    profile: before,
    evidence: first ? 'read' : progress.evidence,
    unconfirmed: [],
    refusals: progress.refusals,
  };
}

/** Members that do not fit the profile as it is now: refused, or dropped when lenient. */
function refine(
  { target }: Exchange,
  request: WriteRequest,
  progress: Progress,
  before: StoredProfile,
): WriteEnd | undefined {
  const refusals = target.connection.refine?.(progress.pending, before) ?? [];
  if (refusals.length === 0) return undefined;
  const refusedPointers = new Set(refusals.map((refusal) => refusal.pointer));
  const fitting = progress.pending.filter((change) => !refusedPointers.has(change.pointer));
  if (!request.lenient || fitting.length === 0) {
    const detail = 'The target cannot take the patch as the profile is now.';
    return stopped(progress, {
      code: 'unsupported_patch',
      detail,
      effect: 'none',
      errors: refusals,
    });
  }
  progress.pending = fitting;
  progress.refusals = [...progress.refusals, ...refusals];
  return undefined;
}

/**
 * After a send without a usable answer: reads back and decides. `applied` and `resend` ask for
 * another run of the plan, for what is still pending.
 */
async function settle(
  exchange: Exchange,
  request: WriteRequest,
  progress: Progress,
  before: StoredProfile | undefined,
  sent: Extract<Sent, { kind: 'unanswered' }>,
): Promise<WriteEnd | 'applied' | 'resend'> {
  if (sent.fault.effect === 'queued') return unknown(progress, 'queued', sent.fault);
  const seen = await readBack(exchange, request.id, sent, before);
  if (seen.kind === 'unknown') return unknown(progress, seen.reason, sent.fault);
  if (seen.kind === 'unchanged') {
    if (progress.resent) return unknown(progress, 'failed-again', sent.fault);
    progress.resent = true;
    return 'resend';
  }
  confirm(progress, sent.changes);
  progress.evidence = 'read-back';
  if (progress.pending.length > 0) return 'applied';
  return {
    outcome: 'applied',
    profile: seen.profile,
    evidence: 'read-back',
    unconfirmed: seen.unconfirmed,
    refusals: progress.refusals,
  };
}

function confirm(progress: Progress, changes: readonly Change[]): void {
  progress.confirmed = [...progress.confirmed, ...changes];
  progress.pending = progress.pending.filter((change) => !changes.includes(change));
}
