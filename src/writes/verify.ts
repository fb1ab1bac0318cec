import type { Change, MaybePromise, StoredProfile } from '../adapter-kit/index.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import { type Confirmation, confirm, equalExcept, readBackPointerOf } from './compare.ts';
import {
  type ChangeBuckets,
  partial,
  pointers,
  rejected,
  unknown,
  type WriteOutcome,
} from './outcome.ts';
import type { Progress } from './progress.ts';
import { mayHaveChanged } from './read-back.ts';
import type { Sent } from './send-writes.ts';

type Taken = Extract<Sent, { kind: 'done' }>;

/**
 * Compares a 2xx with the patch. What its answer does not show or contradicts is read once; a
 * promise comes only then.
 */
export function verify(
  exchange: Exchange,
  id: string,
  progress: Progress,
  sent: Taken,
): MaybePromise<WriteOutcome> {
  const { last, written } = sent;
  const { profile: answer } = written;
  if (answer === undefined) return verifyByRead(exchange, id, progress, sent);
  const { accepted } = progress;
  // Where one write was all, its answer has been compared with everything.
  const verdicts =
    last.length === accepted.length
      ? accepted.map(({ confirmation }) => confirmation)
      : confirmationsOf(progress, answer);
  if (verdicts.includes('contradicted')) return verifyByRead(exchange, id, progress, sent);
  return completed(progress, answer, bucketsFrom(progress, verdicts), progress.evidence);
}

async function verifyByRead(
  exchange: Exchange,
  id: string,
  progress: Progress,
  { sentAtMs, written }: Taken,
): Promise<WriteOutcome> {
  const { profile: answer } = written;
  const read = await readWithRetry(exchange, exchange.target.connection.read(id));
  const noop = written.noop === true && !progress.wasResent;
  if (!read.ok) {
    const verdicts = answer === undefined ? [] : confirmationsOf(progress, answer);
    const end = completed(progress, answer, bucketsFrom(progress, verdicts), progress.evidence);
    return noop && end.outcome === 'applied' ? { ...end, outcome: 'noop' } : end;
  }
  const { value: profile } = read;
  const end = completed(progress, profile, classifyChanges(progress, profile), 'read');
  if (!noop || end.outcome !== 'applied') return end;
  // The request may have gone through twice, and "nothing changed" be said of the second time.
  const changed =
    progress.initialProfile === undefined
      ? mayHaveChanged(exchange, sentAtMs, profile)
      : !equalExcept([], progress.initialProfile.content, profile.content);
  return changed ? end : { ...end, outcome: 'noop' };
}

/** Finds out what of the writes so far is stored, when the next one was surely not applied. */
export async function verifyFirst(
  exchange: Exchange,
  id: string,
  progress: Progress,
): Promise<ChangeBuckets> {
  const verdicts = progress.accepted.map(({ confirmation }) => confirmation);
  if (verdicts.every((verdict) => verdict === 'confirmed')) return bucketsFrom(progress, verdicts);
  const read = await readWithRetry(exchange, exchange.target.connection.read(id));
  return read.ok ? classifyChanges(progress, read.value) : bucketsFrom(progress, verdicts);
}

/**
 * Parts the written changes by a read after all writes. Not stored is what its own answer and the
 * read contradict, or, without such an answer, what a read shows that is otherwise as it was
 * before: then no other writer can have taken the value away again.
 */
export function classifyChanges(progress: Progress, profile: StoredProfile): ChangeBuckets {
  const { initialProfile, accepted } = progress;
  const verdicts = confirmationsOf(progress, profile);
  const shown = accepted.filter((_, i) => verdicts[i] === 'confirmed').map(({ change }) => change);
  const apartFrom = shown.length === 0 ? [] : [...shown.map(readBackPointerOf), '/updatedAt'];
  const asBefore =
    initialProfile !== undefined && equalExcept(apartFrom, initialProfile.content, profile.content);
  const ignored: Change[] = [];
  const untold: Change[] = [];
  for (const [i, { change, confirmation: said }] of accepted.entries()) {
    if (verdicts[i] === 'confirmed') continue;
    const contradicted = said === 'contradicted' || (said === 'unconfirmed' && asBefore);
    if (contradicted && verdicts[i] === 'contradicted') ignored.push(change);
    else untold.push(change);
  }
  return { confirmed: shown, notStored: ignored, unconfirmed: untold };
}

/** The end of a write whose changes were all taken by the target, as `profile` shows them. */
export function completed(
  progress: Progress,
  profile: StoredProfile | undefined,
  { notStored, confirmed, unconfirmed: untold }: ChangeBuckets,
  evidence: Progress['evidence'] | 'read',
): WriteOutcome {
  if (notStored.length === 0) {
    const unconfirmed = pointers(untold);
    return { outcome: 'applied', profile, evidence, unconfirmed, refusals: progress.refusals };
  }
  if (progress.wasResent) return unknown(progress, 'retry_failed');
  if (confirmed.length > 0)
    return partial({ confirmed: confirmed, notStored: notStored, unconfirmed: untold });
  const detail = 'The target reported success but did not store the values.';
  // One request is applied whole: what is not shown was not stored either.
  return rejected([...notStored, ...untold], { code: 'not_stored', detail, effect: 'none' });
}

function confirmationsOf(
  { initialProfile, accepted }: Progress,
  profile: StoredProfile,
): Confirmation[] {
  return accepted.map(({ change }) => confirm(change, profile.content, initialProfile?.content));
}

function bucketsFrom({ accepted }: Progress, verdicts: readonly Confirmation[]): ChangeBuckets {
  const shown: Change[] = [];
  const untold: Change[] = [];
  for (const [i, { change }] of accepted.entries()) {
    if (verdicts[i] === 'confirmed') shown.push(change);
    else untold.push(change);
  }
  return { confirmed: shown, notStored: [], unconfirmed: untold };
}
