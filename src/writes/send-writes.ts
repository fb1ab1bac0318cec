import type { Change, Fault, StoredProfile } from '../adapter-kit/index.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { sendWithRetry } from '../upstream/send-with-retry.ts';
import { type AcceptedChange, readBackPointerOf } from './compare.ts';
import { plannedWrites } from './write-plan.ts';
import { type Baseline, type SendResult, type WriteState, withAccepted } from './write-state.ts';

/**
 * Sends the writes of all that is pending in the adapter's order, up to the first without a
 * success. Changes answered by 2xx are accepted, with what their own responses show of them.
 */
export async function sendWrites(
  exchange: Exchange,
  id: string,
  start: WriteState,
  before: StoredProfile | undefined,
  startMs: number,
): Promise<{ readonly state: WriteState; readonly sent: SendResult }> {
  const { ports, target } = exchange;
  const writes = plannedWrites(target.connection, id, start.pending, before);
  let state = start;
  let baseline: Baseline = { profile: before, excluding: [] };
  let last: readonly Change[] = [];
  let sentAtMs = startMs;
  let step = writes.next();
  // The plan itself is bounded: it yields at most `EXCHANGE_STEPS_MAX` writes.
  while (step.done !== true) {
    const { carried, parseProfile, request } = step.value;
    if (last.length > 0) sentAtMs = ports.monotonicMs();
    const delivery = await sendWithRetry(exchange, request, 'write', exchange.writeDeadlineAtMs);
    if (delivery.kind !== 'answered') {
      const { fault, kind } = delivery;
      if (kind === 'not_sent') return { state, sent: { kind: 'refused', fault } };
      return { state, sent: { kind, fault, changes: carried, baseline, sentAtMs } };
    }
    const { response } = delivery;
    if (response.status === ACCEPTED) {
      const fault = queuedFault();
      return { state, sent: { kind: 'no_response', fault, changes: carried, baseline, sentAtMs } };
    }
    step = writes.next(response);
    const end = step.done === true ? step.value : undefined;
    if (end?.ok === false) {
      const { fault } = end;
      // What is refused now may be there already, which a read shows.
      const isRefused = fault.effect === 'none' && delivery.mayRepeatWrite !== true;
      if (isRefused) return { state, sent: { kind: 'refused', fault } };
      return { state, sent: { kind: 'no_response', fault, changes: carried, baseline, sentAtMs } };
    }
    const profile = end?.value.profile ?? parseProfile?.(response);
    state = withAccepted(state, carried, profile?.content, before?.content);
    last = carried;
    baseline =
      profile === undefined
        ? excluding(baseline, state.accepted.slice(start.accepted.length))
        : { profile, excluding: [] };
  }
  // Only an adapter that refuses before its first write ends here with a fault.
  const { value: result } = step;
  return result.ok
    ? { state, sent: { kind: 'accepted', written: result.value, last, sentAtMs } }
    : { state, sent: { kind: 'refused', fault: result.fault } };
}

/** Accepted (RFC 9110, 15.3.3): the vendor processes the request later, or never. */
export const ACCEPTED = 202;

function queuedFault(): Fault {
  const detail = 'The target accepted the write for later.';
  const upstream = { status: ACCEPTED };
  return { code: 'target_invalid_response', detail, effect: 'queued', upstream };
}

/** A write whose response shows no profile leaves its own pointers out of later comparisons. */
function excluding(baseline: Baseline, accepted: readonly AcceptedChange[]): Baseline {
  const changed = accepted.map(({ change }) => readBackPointerOf(change));
  return { ...baseline, excluding: [...changed, '/updatedAt'] };
}
