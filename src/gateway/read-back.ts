import { type Change, jsonEqual, ownText, type StoredProfile } from '../contract/index.ts';
import { judge } from './compare.ts';
import { drive, type Exchange } from './deliver.ts';
import { pointers, type UnknownReason } from './write-end.ts';

/** What a read after a send without a usable answer shows. */
export type Seen =
  | {
      readonly kind: 'applied';
      readonly profile: StoredProfile;
      readonly unconfirmed: readonly string[];
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason };

/** Vendors' clocks tell seconds, cut off: two moments are apart only beyond this. */
const CLOCK_GRAIN_MS = 1000;

/** Reads the profile and judges whether `sent.changes` are applied, or nothing is. */
export async function readBack(
  exchange: Exchange,
  id: string,
  sent: { readonly changes: readonly Change[]; readonly sentAtMs: number },
  before: StoredProfile | undefined,
): Promise<Seen> {
  const read = await drive(exchange, exchange.target.connection.read(id), 'read');
  if (!read.ok) return { kind: 'unknown', reason: 'no-read-back' };
  const profile = read.value;
  const judged = (wanted: string): Change[] =>
    sent.changes.filter((c) => judge(c, profile.content, before?.content) === wanted);
  if (judged('differs').length === 0) {
    const untold = judged('untold');
    if (untold.length === 0) return { kind: 'applied', profile, unconfirmed: [] };
    // One request is applied whole: what is new in it proves what is not shown.
    const isNew = judged('shown').some((change) => isNewSince(change, before));
    if (isNew) return { kind: 'applied', profile, unconfirmed: pointers(untold) };
  }
  if (isUnchanged(exchange, sent.sentAtMs, before, profile)) return { kind: 'unchanged' };
  if (judged('differs').length === 0) return { kind: 'unknown', reason: 'not-comparable' };
  return { kind: 'unknown', reason: before === undefined ? 'not-proven' : 'third-value' };
}

function isNewSince(change: Change, before: StoredProfile | undefined): boolean {
  return before !== undefined && judge(change, before.content, before.content) === 'differs';
}

/**
 * Proof that a send changed nothing so far: the profile equals the read before it, or the vendor
 * last changed it, by its own clock, before the send.
 */
function isUnchanged(
  { lastAnswer }: Exchange,
  sentAtMs: number,
  before: StoredProfile | undefined,
  now: StoredProfile,
): boolean {
  if (before !== undefined) return jsonEqual(before.content, now.content);
  const vendorNowMs = Date.parse(lastAnswer?.date ?? '');
  const updatedAtMs = Date.parse(ownText(now.content, 'updatedAt') ?? '');
  const sinceSendMs = (lastAnswer?.atMs ?? 0) - sentAtMs;
  return updatedAtMs + CLOCK_GRAIN_MS < vendorNowMs - sinceSendMs;
}
