import type { Change, Fault, Result, StoredProfile, Written } from '../contract/index.ts';
import { judge, shownAt, type Verdict } from './compare.ts';
import { deliver } from './deliver.ts';
import type { Exchange } from './exchange.ts';
import { EXCHANGE_STEPS_MAX } from './limits.ts';

/** How the writes of one plan ended. */
export type Sent = {
  /** The changes of the writes answered by 2xx, with what its own answer says of each. */
  readonly told: ReadonlyMap<Change, Verdict>;
  /** When the last write was sent, in Unix milliseconds. */
  readonly sentAtMs: number;
} & (
  | { readonly kind: 'done'; readonly written: Written }
  /** The next write was surely not applied. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** The next write, of `changes`, may have been applied. */
  | {
      readonly kind: 'unanswered';
      readonly fault: Fault;
      readonly changes: readonly Change[];
      readonly baseline: Baseline;
    }
);

/** The profile as it was last seen before a write. */
export type Baseline = {
  readonly profile: StoredProfile | undefined;
  /** What writes of this exchange changed since. */
  readonly apartFrom: readonly string[];
};

/** Sends the writes of `changes` in the adapter's order, up to the first without a success. */
export async function sendWrites(
  exchange: Exchange,
  id: string,
  changes: readonly Change[],
  before: StoredProfile | undefined,
): Promise<Sent> {
  const { ports, target } = exchange;
  const writes = target.connection.write(id, changes, before);
  const told = new Map<Change, Verdict>();
  const noteAnswer = (carried: readonly Change[], shown: StoredProfile | undefined): void => {
    for (const change of carried) {
      told.set(change, shown === undefined ? 'untold' : judge(change, shown.content, merged));
    }
  };
  const merged = before?.content;
  let baseline: Baseline = { profile: before, apartFrom: [] };
  let sentAtMs = ports.now();
  let step = writes.next();
  for (let count = 0; count < EXCHANGE_STEPS_MAX; count += 1) {
    // Only an adapter that refuses before its first write comes to its end here.
    if (step.done === true) return endOf(step.value, told, sentAtMs);
    const { pointers, request, shows } = step.value;
    const carried = changes.filter((change) => pointers.includes(change.pointer));
    sentAtMs = ports.now();
    const delivery = await deliver(exchange, request, 'write', exchange.lastWriteMs);
    const { kind } = delivery;
    if (kind === 'unsent') return { kind: 'refused', told, sentAtMs, fault: delivery.fault };
    if (kind === 'unanswered') {
      return { kind, told, sentAtMs, fault: delivery.fault, changes: carried, baseline };
    }
    step = writes.next(delivery.response);
    if (step.done === true) {
      const ended = endOf(step.value, told, sentAtMs);
      if (ended.kind === 'done') {
        noteAnswer(carried, ended.written.shown ?? shows?.(delivery.response));
      }
      if (ended.kind === 'done' || ended.fault.effect === 'none') return ended;
      const { fault } = ended;
      return { kind: 'unanswered', told, sentAtMs, fault, changes: carried, baseline };
    }
    const shown = shows?.(delivery.response);
    noteAnswer(carried, shown);
    baseline =
      shown === undefined
        ? { ...baseline, apartFrom: [...[...told.keys()].map(shownAt), '/updatedAt'] }
        : { profile: shown, apartFrom: [] };
  }
  throw new Error('an adapter asked for more writes than an exchange may have');
}

function endOf(
  result: Result<Written>,
  told: ReadonlyMap<Change, Verdict>,
  sentAtMs: number,
): Extract<Sent, { kind: 'done' | 'refused' }> {
  return result.ok
    ? { kind: 'done', told, sentAtMs, written: result.value }
    : { kind: 'refused', told, sentAtMs, fault: result.fault };
}
