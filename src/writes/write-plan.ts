import {
  type Change,
  type Connection,
  fail,
  type HttpResponse,
  type Result,
  type StoredProfile,
  succeed,
  type WriteStep,
  type Written,
} from '../adapter-kit/index.ts';
import { EXCHANGE_STEPS_MAX } from '../limits.ts';
import type { Refusal } from './plan.ts';

/** One write of a plan, with the changes that it carries; sending and explaining share the plan. */
export type PlannedWrite = WriteStep & { readonly carried: readonly Change[] };

/**
 * Yields the writes of `changes` in the adapter's order; each is resumed with its response.
 * `before` is the profile that was read first, where `readsFirst` asked for that.
 */
export function* plannedWrites(
  connection: Connection,
  id: string,
  changes: readonly Change[],
  before: StoredProfile | undefined,
): Generator<PlannedWrite, Result<Written>, HttpResponse> {
  const writes = connection.write(id, changes, before);
  let step = writes.next();
  for (let count = 0; step.done !== true; count += 1) {
    if (count >= EXCHANGE_STEPS_MAX) {
      throw new Error('an adapter asked for more writes than an exchange may have');
    }
    const response = yield { ...step.value, carried: carriedBy(step.value.pointers, changes) };
    step = writes.next(response);
  }
  return step.value;
}

/** Returns the changes at `pointers`, in their order; the same list where it is all of them. */
function carriedBy(pointers: readonly string[], changes: readonly Change[]): readonly Change[] {
  const all = pointers.length === changes.length;
  if (all && changes.every(({ pointer }, i) => pointer === pointers[i])) return changes;
  const carried = new Set(pointers);
  return changes.filter(({ pointer }) => carried.has(pointer));
}

/** Reports whether a write of `changes` reads the profile first. */
export function readsFirst(connection: Connection, changes: readonly Change[]): boolean {
  return changes.length === 0 || connection.requiresRead(changes);
}

export type Fitting = {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
};

/** Keeps the changes that fit the profile as it is; only `lenient` goes on with some of them. */
export function fitTo(
  { preflight }: Connection,
  changes: readonly Change[],
  before: StoredProfile,
  lenient: boolean,
): Result<Fitting> {
  const refusals = preflight?.(changes, before) ?? [];
  if (refusals.length === 0) return succeed({ changes, refusals });
  const refusedPointers = new Set(refusals.map((refusal) => refusal.pointer));
  const fitting = changes.filter((change) => !refusedPointers.has(change.pointer));
  if (lenient && fitting.length > 0) return succeed({ changes: fitting, refusals });
  const detail = 'The target does not accept the patch in the current state of the profile.';
  return fail({ code: 'unsupported_patch', detail, effect: 'none', errors: refusals });
}
