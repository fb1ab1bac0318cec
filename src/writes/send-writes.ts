import type { Change, Fault, Result, StoredProfile, Written } from '../adapter-kit/index.ts';
import { EXCHANGE_STEPS_MAX } from '../limits.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { sendWithRetry } from '../upstream/send-with-retry.ts';
import { readBackPointerOf } from './compare.ts';
import { type Progress, recordAccepted } from './progress.ts';

/** How the writes of one plan ended. */
export type Sent =
  | {
      readonly kind: 'done';
      readonly written: Written;
      /** The changes of the last write, which its own answer was compared with. */
      readonly last: readonly Change[];
      readonly sentAtMs: number;
    }
  /** The next write was surely not applied. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** The next write, of `changes`, may have been applied. */
  | {
      readonly kind: 'no_response';
      readonly fault: Fault;
      readonly changes: readonly Change[];
      readonly baseline: Baseline;
      /** When it was sent, in Unix milliseconds. */
      readonly sentAtMs: number;
    };

/** The profile as it was last seen before a write. */
export type Baseline = {
  readonly profile: StoredProfile | undefined;
  /** What writes of this exchange changed since. */
  readonly excluding: readonly string[];
};

/**
 * Sends the writes of all that is pending in the adapter's order, up to the first without a
 * success. Those answered by 2xx are taken, with what their own answers show.
 */
export async function sendWrites(
  exchange: Exchange,
  id: string,
  progress: Progress,
  before: StoredProfile | undefined,
  startMs: number,
): Promise<Sent> {
  const { ports, target } = exchange;
  const changes = progress.pending;
  const writes = target.connection.write(id, changes, before);
  const merged = before?.content;
  const written: Change[] = [];
  let baseline: Baseline = { profile: before, excluding: [] };
  let sentAtMs = startMs;
  let step = writes.next();
  for (let count = 0; count < EXCHANGE_STEPS_MAX; count += 1) {
    // Only an adapter that refuses before its first write comes to its end here.
    if (step.done === true) return endOf(step.value, [], sentAtMs);
    const { pointers, request, parseProfile } = step.value;
    const carried = carriedBy(pointers, changes);
    if (count > 0) sentAtMs = ports.now();
    const delivery = await sendWithRetry(exchange, request, 'write', exchange.writeDeadlineAtMs);
    const { kind } = delivery;
    if (kind === 'not_sent') return { kind: 'refused', fault: delivery.fault };
    if (kind === 'no_response') {
      return { kind, fault: delivery.fault, changes: carried, baseline, sentAtMs };
    }
    const { response } = delivery;
    step = writes.next(response);
    if (step.done === true) {
      const ended = endOf(step.value, carried, sentAtMs);
      if (ended.kind === 'done') {
        const shown = ended.written.profile ?? parseProfile?.(response);
        recordAccepted(progress, carried, shown?.content, merged);
      }
      if (ended.kind === 'done' || ended.fault.effect === 'none') return ended;
      return { kind: 'no_response', fault: ended.fault, changes: carried, baseline, sentAtMs };
    }
    const shown = parseProfile?.(response);
    recordAccepted(progress, carried, shown?.content, merged);
    written.push(...carried);
    baseline =
      shown === undefined
        ? { ...baseline, excluding: [...written.map(readBackPointerOf), '/updatedAt'] }
        : { profile: shown, excluding: [] };
  }
  throw new Error('an adapter asked for more writes than an exchange may have');
}

/** The changes at `pointers`: all of them, in their order, where one write carries the patch. */
function carriedBy(pointers: readonly string[], changes: readonly Change[]): readonly Change[] {
  const all = pointers.length === changes.length;
  if (all && changes.every(({ pointer }, i) => pointer === pointers[i])) return changes;
  const carried = new Set(pointers);
  return changes.filter(({ pointer }) => carried.has(pointer));
}

function endOf(
  result: Result<Written>,
  last: readonly Change[],
  sentAtMs: number,
): Extract<Sent, { kind: 'done' | 'refused' }> {
  return result.ok
    ? { kind: 'done', written: result.value, last, sentAtMs }
    : { kind: 'refused', fault: result.fault };
}
