import {
  type Change,
  type Fault,
  ownText,
  type Result,
  type StoredProfile,
} from '../adapter-kit/index.ts';
import { READ_BACKS_MAX } from '../limits.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { retryWaitMs } from '../upstream/retry-budget.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import { confirm, equalExcept } from './compare.ts';
import type { UnknownReason } from './outcome.ts';
import type { Baseline } from './send-writes.ts';

/** What a read after a send without a usable answer shows. */
export type ReadBackResult =
  | {
      readonly kind: 'applied';
      readonly profile: StoredProfile;
      /** It shows something that was not so before the send, so the send has landed. */
      readonly observedNewValue: boolean;
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason };

/** Vendors' clocks tell seconds, cut off: two moments are apart only beyond this. */
const CLOCK_GRAIN_MS = 1000;
/** How far the clock of a vendor's front end may be from the one that stamps its profiles. */
const CLOCK_SKEW_MS = 30_000;

/** Reads the profile and judges whether `sent.changes` are applied, or nothing is. */
export async function readBack(
  exchange: Exchange,
  id: string,
  sent: {
    readonly changes: readonly Change[];
    readonly sentAtMs: number;
    readonly baseline: Baseline;
  },
): Promise<ReadBackResult> {
  const read = await readPersistently(exchange, id);
  if (!read.ok) return { kind: 'unknown', reason: 'read_back_failed' };
  const profile = read.value;
  const before = sent.baseline.profile;
  const judged = (wanted: string): Change[] =>
    sent.changes.filter((c) => confirm(c, profile.content, before?.content) === wanted);
  const differs = judged('contradicted').length > 0;
  if (!differs) {
    const observedNewValue = judged('confirmed').some((change) => isNewSince(change, before));
    // One request is applied whole: what is new in it proves what is not shown.
    if (observedNewValue || judged('unconfirmed').length === 0)
      return { kind: 'applied', profile, observedNewValue };
  }
  if (isUnchanged(exchange, sent, profile)) return { kind: 'unchanged' };
  if (!differs) return { kind: 'unknown', reason: 'not_comparable' };
  return { kind: 'unknown', reason: before === undefined ? 'unproven' : 'conflicting_value' };
}

/**
 * So much depends on this read that any failure but a clear refusal is tried again, for which half
 * of the time that is left is kept.
 */
async function readPersistently(exchange: Exchange, id: string): Promise<Result<StoredProfile>> {
  const { ports, target } = exchange;
  for (let count = 1; ; count += 1) {
    const isLast = count >= READ_BACKS_MAX;
    const untilMs = isLast ? exchange.deadlineAtMs : (ports.now() + exchange.deadlineAtMs) / 2;
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

function isNewSince(change: Change, before: StoredProfile | undefined): boolean {
  return before !== undefined && confirm(change, before.content, before.content) !== 'confirmed';
}

/**
 * Proof that a send changed nothing so far: the profile equals the read before it, or the vendor
 * last changed it, by its own clock, well before the send.
 */
function isUnchanged(
  exchange: Exchange,
  { baseline, sentAtMs }: { readonly baseline: Baseline; readonly sentAtMs: number },
  now: StoredProfile,
): boolean {
  const { excluding, profile } = baseline;
  if (profile !== undefined) return equalExcept(excluding, profile.content, now.content);
  const idleMs = idleBeforeMs(exchange, sentAtMs, now);
  return excluding.length === 0 && idleMs !== undefined && idleMs > CLOCK_SKEW_MS;
}

/**
 * Whether the vendor may have changed `now` since the send, by its own clock. False also where it
 * tells no times.
 */
export function mayHaveChanged(exchange: Exchange, sentAtMs: number, now: StoredProfile): boolean {
  const idleMs = idleBeforeMs(exchange, sentAtMs, now);
  return idleMs !== undefined && idleMs <= CLOCK_GRAIN_MS;
}

/** How long before the send the profile was last changed, at least; undefined without times. */
function idleBeforeMs(
  { lastAnswer }: Exchange,
  sentAtMs: number,
  now: StoredProfile,
): number | undefined {
  const vendorNowMs = Date.parse(lastAnswer?.date ?? '');
  const updatedAtMs = Date.parse(ownText(now.content, 'updatedAt') ?? '');
  const sinceSendMs = (lastAnswer?.atMs ?? 0) - sentAtMs;
  const idleMs = vendorNowMs - sinceSendMs - updatedAtMs;
  return Number.isNaN(idleMs) ? undefined : idleMs;
}
