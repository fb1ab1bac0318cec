import type { Change, Fault } from '../adapter-kit/index.ts';
import type { LockScope } from '../state/profile-lock.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { unknownFault, type WriteOutcome } from '../writes/outcome.ts';
import type { ProfilePatch } from '../writes/patch-schema.ts';
import type { Loss } from '../writes/plan.ts';
import type { Evidence } from '../writes/write-state.ts';

/** Report on a write that did not fail. */
export type WriteReport = {
  readonly outcome: 'applied' | 'noop';
  readonly target: string;
  readonly losses: readonly Loss[];
  readonly unconfirmed: readonly string[];
  readonly atomic: boolean;
  readonly lockScope: LockScope;
  readonly evidence: Evidence;
  readonly precondition?: 'emulated';
};

export type PatchAnswer = {
  /** Names the write, also in its receipt. */
  readonly writeId?: string;
  /** The link that led to the profile was changed before the write could begin. */
  readonly isStale?: boolean;
  /** Path of a profile that the write has created. */
  readonly location?: string;
} & (
  | {
      readonly ok: true;
      readonly exchange: Exchange;
      /** The result of `representation`, as JSON. */
      readonly profile: string;
      readonly etag: string | undefined;
      readonly write: WriteReport;
    }
  | {
      readonly ok: false;
      readonly exchange?: Exchange;
      readonly end: FailedWrite;
      /** Members that the target does not take as given; none where the patch was not planned. */
      readonly losses: readonly Loss[];
      /** The current tag, where `If-Match` was refused. */
      readonly etag?: string;
    }
);

/** Outcome of a write that did not succeed. */
export type FailedWrite = Extract<WriteOutcome, { fault: Fault }>;

/** A response to a write, whole but for what belongs to one request alone. */
export type RenderedAnswer = {
  readonly status: number;
  /** Headers that belong to the write. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly outcome: WriteOutcome['outcome'];
  /** The code of the problem. */
  readonly code?: string | undefined;
};

/** The answer to a repeat of a request: that which the first one got, or what is known by now. */
export type Replay = {
  readonly writeId: string;
  /** With the target that the profile was read from for it. */
  readonly exchange?: Exchange;
  readonly replay: RenderedAnswer;
  /** Time for which the profile is in doubt, in place of what the response says of it. */
  readonly leftMs?: number;
};

/** Returns the answer to a write that another replica has closed: its receipt counts. */
export function fenced({
  changes,
  losses,
}: {
  readonly changes: readonly Change[];
  readonly losses: readonly Loss[];
}): PatchAnswer {
  const sent = changes.map(({ pointer }) => pointer);
  const none = { applied: [], notApplied: [], unconfirmed: [], refusals: [] };
  const reason = 'fenced';
  const fault = unknownFault(reason);
  return { ok: false, end: { outcome: 'unknown', fault, reason, sent, ...none }, losses };
}

/** Returns the answer to a patch of which nothing was sent; unplanned, it has no losses. */
export function refused(
  { patch }: { readonly patch: Pick<ProfilePatch, 'entries'> },
  fault: Fault,
  planned?: { readonly changes: readonly Change[]; readonly losses: readonly Loss[] },
): PatchAnswer {
  const members = planned?.changes ?? patch.entries;
  const notApplied = members.map(({ pointer }) => pointer);
  const rest = { applied: [], notApplied, unconfirmed: [], refusals: [] };
  return { ok: false, end: { outcome: 'rejected', fault, ...rest }, losses: planned?.losses ?? [] };
}
