import {
  type Change,
  jsonEqual,
  type StoredProfile,
  valueAt,
  type Written,
} from '../contract/index.ts';
import { judge, type Verdict } from './compare.ts';
import { drive, type Exchange } from './deliver.ts';
import type { Progress } from './write.ts';
import { partial, pointers, type WriteEnd } from './write-end.ts';

/**
 * Compares a 2xx with the patch. What the answer contradicts is read once more; only what both
 * contradict, or what a read shows as it was before, counts as not applied.
 */
export async function verify(
  exchange: Exchange,
  id: string,
  progress: Progress,
  before: StoredProfile | undefined,
  written: Written,
): Promise<WriteEnd> {
  const changes = progress.confirmed;
  const { shown } = written;
  const judgeAll = (profile: StoredProfile): Verdict[] =>
    changes.map((change) => judge(change, profile.content, before?.content));
  const told = shown === undefined ? undefined : judgeAll(shown);
  const end = (profile: StoredProfile | undefined, verdicts: readonly Verdict[]): WriteEnd => ({
    outcome: written.noop === true && !progress.resent ? 'noop' : 'applied',
    profile,
    evidence: profile === shown ? progress.evidence : 'read',
    unconfirmed: pointers(changes.filter((_, i) => verdicts[i] !== 'shown')),
    refusals: progress.refusals,
  });
  if (shown !== undefined && told !== undefined && !told.includes('differs')) {
    return end(shown, told);
  }
  const read = await drive(exchange, exchange.target.connection.read(id), 'read');
  if (!read.ok) return end(shown, told ?? changes.map(() => 'untold'));
  const seen = judgeAll(read.value);
  const ignored = changes.filter(
    (change, i) =>
      seen[i] === 'differs' &&
      (told === undefined ? isAsBefore(change, before, read.value) : told[i] === 'differs'),
  );
  if (ignored.length === 0) return end(read.value, seen);
  const others = changes.filter((change) => !ignored.includes(change));
  if (others.length > 0) return partial(pointers(others), pointers(ignored));
  const detail = 'The target answered with success and did not store the values.';
  const fault = { code: 'not_stored', detail, effect: 'none' } as const;
  return { outcome: 'rejected', fault, applied: [], notApplied: pointers(ignored) };
}

/** Without an answer to compare, another writer's value must not count as the write ignored. */
function isAsBefore(
  change: Change,
  before: StoredProfile | undefined,
  now: StoredProfile,
): boolean {
  if (before === undefined) return false;
  const { pointer } = change;
  return jsonEqual(valueAt(before.content, pointer), valueAt(now.content, pointer));
}
