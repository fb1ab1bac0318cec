import type { Change, JsonObject, StoredProfile } from '../adapter-kit/index.ts';
import { judge, type Told } from './compare.ts';
import type { Evidence } from './outcome.ts';
import type { Refusal } from './plan.ts';

/** What is known of a write so far; runs of the plan share it. */
export type Progress = {
  /** Still to be sent, or to be proven. */
  pending: readonly Change[];
  /** Taken by the target: sent and answered by 2xx, or read back; with what was shown of each. */
  readonly told: Told[];
  /** The profile before the first write that was taken, where it was read. */
  first: StoredProfile | undefined;
  refusals: readonly Refusal[];
  evidence: Evidence;
  /** A second send was made, on proof that the first had changed nothing. */
  resent: boolean;
  /** Sends without an answer that are not seen to have landed, so that they still may. */
  astray: number;
};

/** The begin of a write of `changes`. */
export function startProgress(changes: readonly Change[]): Progress {
  return {
    pending: changes,
    told: [],
    first: undefined,
    refusals: [],
    evidence: 'answer',
    resent: false,
    astray: 0,
  };
}

/**
 * Takes `changes`, which the target has taken, out of what is pending, with what `content` shows
 * of each; `before` is what they were merged into.
 */
export function take(
  progress: Progress,
  changes: readonly Change[],
  content: JsonObject | undefined,
  before: JsonObject | undefined,
): void {
  for (const change of changes) {
    const verdict = content === undefined ? 'untold' : judge(change, content, before);
    progress.told.push({ change, verdict });
  }
  const { pending } = progress;
  // Most writes take all at once, which a set of them would cost 0.2 µs.
  if (changes === pending) {
    progress.pending = [];
  } else {
    const taken = new Set(changes);
    progress.pending = pending.filter((change) => !taken.has(change));
  }
}
