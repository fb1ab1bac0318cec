import type { Change, Fault, MaybePromise, Result, StoredProfile } from '../adapter-kit/index.ts';
import { READ_BACKS_MAX, WRITE_RUNS_MAX } from '../limits.ts';
import type { Lease } from '../state/state-store.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { retryWaitMs } from '../upstream/retry-budget.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import { leaseLost } from '../upstream/target-fault.ts';
import { acceptedBuckets, decide, decideBeforeSend } from './decide.ts';
import { unknown, type WriteOutcome } from './outcome.ts';
import { sendWrites } from './send-writes.ts';
import { fitTo, readsFirst } from './write-plan.ts';
import {
  type SendResult,
  startWrite,
  type WriteState,
  withFitting,
  withRead,
  withUnresolvedSend,
} from './write-state.ts';

/** Returns why the profile must not be written as it is now, or undefined. */
export type Precondition = (current: StoredProfile) => MaybePromise<Fault | undefined>;

export type WriteRequest = {
  readonly id: string;
  readonly changes: readonly Change[];
  /** Rejects the write by what the profile is now: `If-Match`. */
  readonly precondition: Precondition | undefined;
  /** Drops members that do not fit the profile as it is, instead of rejecting the write. */
  readonly lenient: boolean;
  /**
   * Called with what was read before each send; false where the lease is lost. `isAgain`: the write
   * is sent a second time, without what is accepted.
   */
  readonly onRead?:
    | ((
        before: StoredProfile,
        fitting: readonly Change[],
        isAgain: boolean,
        accepted: readonly string[],
      ) => Promise<boolean>)
    | undefined;
};

/**
 * Writes `changes` and finds out how it ended; `decide` holds the rules, this function only reads,
 * sends and asks it. `lease` is that of the profile.
 */
export async function writeProfile(
  exchange: Exchange,
  request: WriteRequest,
  lease: Lease,
): Promise<WriteOutcome> {
  let state = startWrite(request.changes);
  for (let run = 1; run <= WRITE_RUNS_MAX; run += 1) {
    const result = await runPlan(exchange, request, state, lease, run === 1);
    if ('outcome' in result) return result.outcome;
    const { sent } = result;
    let decision = decide(result.state, sent, exchange.lastAnswer);
    if (decision.kind === 'read_back') {
      const read = await readAfter(exchange, request.id, sent);
      decision = decide(result.state, { ...sent, read }, exchange.lastAnswer);
    }
    state = decision.state;
    if (sent.kind === 'no_response') clearInDoubt(exchange, state, lease);
    if (decision.kind === 'outcome') return decision.outcome;
  }
  return unknown(state, 'retry_failed', acceptedBuckets(state));
}

type RunResult =
  | { readonly outcome: WriteOutcome }
  | { readonly state: WriteState; readonly sent: SendResult };

/** Runs the plan once for what is pending: reads where that is needed, then sends. */
async function runPlan(
  exchange: Exchange,
  request: WriteRequest,
  start: WriteState,
  lease: Lease,
  isFirstRun: boolean,
): Promise<RunResult> {
  const { connection } = exchange.target;
  const { id, lenient, precondition } = request;
  let state = start;
  const refused = (fault: Fault): RunResult => ({ state, sent: { kind: 'refused', fault } });
  let before: StoredProfile | undefined;
  if (!isFirstRun || precondition !== undefined || readsFirst(connection, start.pending)) {
    const read = await readWithRetry(exchange, connection.read(id), exchange.writeDeadlineAtMs);
    if (!read.ok) return refused(read.fault);
    before = read.value;
    // Once a part is written the profile is another one than the caller named.
    const unmet = state.accepted.length === 0 ? await precondition?.(before) : undefined;
    if (unmet !== undefined) return refused(unmet);
    const fit = fitTo(connection, state.pending, before, lenient);
    if (!fit.ok) return refused(fit.fault);
    state = withFitting(state, fit.value.changes, fit.value.refusals);
    const outcome = decideBeforeSend(state, before, isFirstRun);
    if (outcome !== undefined) return { outcome };
  }
  if (before !== undefined && request.onRead !== undefined) {
    const accepted = state.accepted.map(({ change }) => change.pointer);
    const isKept = await request.onRead(before, state.pending, !isFirstRun, accepted);
    if (!isKept) return refused(leaseLost());
  }
  state = withRead(state, before);
  // A writer that is stopped in the middle leaves a mark, as long as the vendor may need from when
  // the write left: before that it may have waited for a permit or a token.
  exchange.lease = lease;
  const result = await sendWrites(exchange, id, state, before, exchange.ports.monotonicMs());
  if (result.sent.kind !== 'no_response') {
    clearInDoubt(exchange, result.state, lease);
    return result;
  }
  // Counted from when it was given up: it may have left at any time until then.
  exchange.ports.state.markInDoubt(lease, exchange.target.settleMs);
  return { state: withUnresolvedSend(result.state, result.sent.changes), sent: result.sent };
}

/** Clears the in-doubt mark once no sent request can still be applied. */
function clearInDoubt({ ports }: Exchange, { unresolvedSends }: WriteState, lease: Lease): void {
  if (unresolvedSends === 0) ports.state.clearInDoubt(lease);
}

/** Reads the profile after a send, for `decide`. */
function readAfter(
  exchange: Exchange,
  id: string,
  { kind }: SendResult,
): Promise<Result<StoredProfile>> {
  if (kind === 'no_response') return readPersistently(exchange, id);
  return readWithRetry(exchange, exchange.target.connection.read(id));
}

/**
 * So much depends on this read that any failure but a clear refusal is tried again, for which half
 * of the time that is left is kept.
 */
export async function readPersistently(
  exchange: Exchange,
  id: string,
): Promise<Result<StoredProfile>> {
  const { ports, target } = exchange;
  for (let count = 1; ; count += 1) {
    const isLast = count >= READ_BACKS_MAX;
    const untilMs = isLast
      ? exchange.deadlineAtMs
      : (ports.monotonicMs() + exchange.deadlineAtMs) / 2;
    const read = await readWithRetry(exchange, target.connection.read(id), untilMs);
    if (read.ok || isLast || isRefusal(read.fault)) return read;
    await ports.sleep(retryWaitMs(count, ports.random));
  }
}

function isRefusal({ code }: Fault): boolean {
  return (
    code === 'profile_not_found' || code === 'target_unauthorized' || code === 'target_forbidden'
  );
}
