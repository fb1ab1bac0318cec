import type { Change, JsonObject, StoredProfile } from '../adapter-kit/index.ts';
import { type AcceptedChange, confirm } from './compare.ts';
import type { Evidence } from './outcome.ts';
import type { Refusal } from './plan.ts';

/** What is known of a write so far; runs of the plan share it. */
export type Progress = {
  /** Still to be sent, or to be proven. */
  pending: readonly Change[];
  /** Taken by the target: sent and answered by 2xx, or read back; with what was shown of each. */
  readonly accepted: AcceptedChange[];
  /** The profile before the first write that was taken, where it was read. */
  initialProfile: StoredProfile | undefined;
  refusals: readonly Refusal[];
  evidence: Evidence;
  /** A second send was made, on proof that the first had changed nothing. */
  wasResent: boolean;
  /** Sends without an answer that are not seen to have landed, so that they still may. */
  unresolvedSends: number;
};

/** The begin of a write of `changes`. */
export function startProgress(changes: readonly Change[]): Progress {
  return {
    pending: changes,
    accepted: [],
    initialProfile: undefined,
    refusals: [],
    evidence: 'response',
    wasResent: false,
    unresolvedSends: 0,
  };
}

/**
 * Takes `changes`, which the target has taken, out of what is pending, with what `content` shows
 * of each; `before` is what they were merged into.
 */
export function recordAccepted(
  progress: Progress,
  changes: readonly Change[],
  content: JsonObject | undefined,
  before: JsonObject | undefined,
): void {
  for (const change of changes) {
    const verdict = content === undefined ? 'unconfirmed' : confirm(change, content, before);
    progress.accepted.push({ change, confirmation: verdict });
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
