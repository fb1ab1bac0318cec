import { jsonEqual, ownText, type StoredProfile } from '../adapter-kit/index.ts';

/** The vendor's clock in its last response, and when that response came, by the monotonic one. */
export type VendorClock = { readonly date: string | undefined; readonly atMs: number };

/** Vendors' clocks have a resolution of one second, cut off: closer moments are not apart. */
const CLOCK_GRAIN_MS = 1000;
/** Largest difference between the clock of a vendor's front end and the one behind `updatedAt`. */
const CLOCK_SKEW_MS = 30_000;

/**
 * Compares a profile's last change with a send, by the vendor's own clock: `before` is proof that
 * the send changed nothing so far, `since` that it may have; `unknown` where the vendor shows no
 * times, or where they are too close.
 */
export function lastChange(
  clock: VendorClock | undefined,
  sentAtMs: number,
  profile: StoredProfile,
): 'before' | 'since' | 'unknown' {
  const vendorNowMs = Date.parse(clock?.date ?? '');
  const updatedAtMs = Date.parse(ownText(profile.content, 'updatedAt') ?? '');
  const sinceSendMs = (clock?.atMs ?? 0) - sentAtMs;
  const idleBeforeSendMs = vendorNowMs - sinceSendMs - updatedAtMs;
  if (idleBeforeSendMs > CLOCK_SKEW_MS) return 'before';
  // Comparisons with NaN, where a time is missing, are false.
  return idleBeforeSendMs <= CLOCK_GRAIN_MS ? 'since' : 'unknown';
}

/** Movement of a profile since before a write; `untimed` where the vendor shows no times. */
export type Movement = 'moved' | 'unmoved' | 'unknown' | 'untimed';

/** Compares `profile` with `before`, read ahead of the send, or with the moment of the send. */
export function movementOf(
  profile: StoredProfile,
  before: StoredProfile | undefined,
  clock: VendorClock | undefined,
  sentAtMs: number,
): Movement {
  const isTimed = 'createdAt' in profile.content || 'updatedAt' in profile.content;
  if (before !== undefined && !jsonEqual(profile.content, before.content)) return 'moved';
  if (!isTimed) return 'untimed';
  if (before !== undefined) return 'unmoved';
  const change = lastChange(clock, sentAtMs, profile);
  return change === 'since' ? 'moved' : change === 'before' ? 'unmoved' : 'unknown';
}
