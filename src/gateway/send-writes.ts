import type { Change, Fault, StoredProfile, Written } from '../contract/index.ts';
import { deliver, type Exchange } from './deliver.ts';
import { EXCHANGE_STEPS_MAX, READ_BACK_RESERVE_MS } from './limits.ts';

/** How the writes of one plan ended; `confirmed` are the changes of the writes answered by 2xx. */
export type Sent = { readonly confirmed: readonly Change[] } & (
  | { readonly kind: 'done'; readonly written: Written }
  /** The next write was surely not applied. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  /** The next write, of `changes`, may have been applied. */
  | {
      readonly kind: 'unanswered';
      readonly fault: Fault;
      readonly changes: readonly Change[];
      readonly sentAtMs: number;
    }
);

/** Sends the writes of `changes` in the adapter's order, up to the first without a success. */
export async function sendWrites(
  exchange: Exchange,
  id: string,
  changes: readonly Change[],
  before: StoredProfile | undefined,
): Promise<Sent> {
  const { ports, target } = exchange;
  const writes = target.connection.write(id, changes, before);
  const untilMs = exchange.endMs - READ_BACK_RESERVE_MS;
  let confirmed: readonly Change[] = [];
  let step = writes.next();
  for (let count = 0; count < EXCHANGE_STEPS_MAX; count += 1) {
    if (step.done === true) {
      const result = step.value;
      if (result.ok) return { kind: 'done', confirmed: changes, written: result.value };
      return { kind: 'refused', confirmed, fault: result.fault };
    }
    const { pointers, request } = step.value;
    const carried = changes.filter((change) => pointers.includes(change.pointer));
    const sentAtMs = ports.now();
    const delivery = await deliver(exchange, request, 'write', untilMs);
    if (delivery.kind === 'unsent') return { kind: 'refused', confirmed, fault: delivery.fault };
    if (delivery.kind === 'unanswered') {
      return { kind: 'unanswered', confirmed, fault: delivery.fault, changes: carried, sentAtMs };
    }
    step = writes.next(delivery.response);
    if (step.done === true && !step.value.ok) {
      const { fault } = step.value;
      if (fault.effect === 'none') return { kind: 'refused', confirmed, fault };
      return { kind: 'unanswered', confirmed, fault, changes: carried, sentAtMs };
    }
    confirmed = [...confirmed, ...carried];
  }
  throw new Error('an adapter asked for more writes than an exchange may have');
}
