import type { Change, MaybePromise, StoredProfile } from '../adapter-kit/index.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { drive } from '../upstream/send-with-retry.ts';
import { equalApartFrom, judge, shownAt, type Verdict } from './compare.ts';
import { type Parted, partial, pointers, rejected, unknown, type WriteEnd } from './outcome.ts';
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
): MaybePromise<WriteEnd> {
  const { last, written } = sent;
  const { shown: answer } = written;
  if (answer === undefined) return verifyByRead(exchange, id, progress, sent);
  const { told } = progress;
  // Where one write was all, its answer has been compared with everything.
  const verdicts =
    last.length === told.length ? told.map(({ verdict }) => verdict) : judged(progress, answer);
  if (verdicts.includes('differs')) return verifyByRead(exchange, id, progress, sent);
  return ended(progress, answer, partedBy(progress, verdicts), progress.evidence);
}

async function verifyByRead(
  exchange: Exchange,
  id: string,
  progress: Progress,
  { sentAtMs, written }: Taken,
): Promise<WriteEnd> {
  const { shown: answer } = written;
  const read = await drive(exchange, exchange.target.connection.read(id));
  const noop = written.noop === true && !progress.resent;
  if (!read.ok) {
    const verdicts = answer === undefined ? [] : judged(progress, answer);
    const end = ended(progress, answer, partedBy(progress, verdicts), progress.evidence);
    return noop && end.outcome === 'applied' ? { ...end, outcome: 'noop' } : end;
  }
  const { value: profile } = read;
  const end = ended(progress, profile, part(progress, profile), 'read');
  if (!noop || end.outcome !== 'applied') return end;
  // The request may have gone through twice, and "nothing changed" be said of the second time.
  const changed =
    progress.first === undefined
      ? mayHaveChanged(exchange, sentAtMs, profile)
      : !equalApartFrom([], progress.first.content, profile.content);
  return changed ? end : { ...end, outcome: 'noop' };
}

/** Finds out what of the writes so far is stored, when the next one was surely not applied. */
export async function verifyFirst(
  exchange: Exchange,
  id: string,
  progress: Progress,
): Promise<Parted> {
  const verdicts = progress.told.map(({ verdict }) => verdict);
  if (verdicts.every((verdict) => verdict === 'shown')) return partedBy(progress, verdicts);
  const read = await drive(exchange, exchange.target.connection.read(id));
  return read.ok ? part(progress, read.value) : partedBy(progress, verdicts);
}

/**
 * Parts the written changes by a read after all writes. Not stored is what its own answer and the
 * read contradict, or, without such an answer, what a read shows that is otherwise as it was
 * before: then no other writer can have taken the value away again.
 */
export function part(progress: Progress, profile: StoredProfile): Parted {
  const { first, told } = progress;
  const verdicts = judged(progress, profile);
  const shown = told.filter((_, i) => verdicts[i] === 'shown').map(({ change }) => change);
  const apartFrom = shown.length === 0 ? [] : [...shown.map(shownAt), '/updatedAt'];
  const asBefore = first !== undefined && equalApartFrom(apartFrom, first.content, profile.content);
  const ignored: Change[] = [];
  const untold: Change[] = [];
  for (const [i, { change, verdict: said }] of told.entries()) {
    if (verdicts[i] === 'shown') continue;
    const contradicted = said === 'differs' || (said === 'untold' && asBefore);
    if (contradicted && verdicts[i] === 'differs') ignored.push(change);
    else untold.push(change);
  }
  return { shown, ignored, untold };
}

/** The end of a write whose changes were all taken by the target, as `profile` shows them. */
export function ended(
  progress: Progress,
  profile: StoredProfile | undefined,
  { ignored, shown, untold }: Parted,
  evidence: Progress['evidence'] | 'read',
): WriteEnd {
  if (ignored.length === 0) {
    const unconfirmed = pointers(untold);
    return { outcome: 'applied', profile, evidence, unconfirmed, refusals: progress.refusals };
  }
  if (progress.resent) return unknown(progress, 'failed-again');
  if (shown.length > 0) return partial({ shown, ignored, untold });
  const detail = 'The target answered with success and did not store the values.';
  // One request is applied whole: what is not shown was not stored either.
  return rejected([...ignored, ...untold], { code: 'not_stored', detail, effect: 'none' });
}

function judged({ first, told }: Progress, profile: StoredProfile): Verdict[] {
  return told.map(({ change }) => judge(change, profile.content, first?.content));
}

function partedBy({ told }: Progress, verdicts: readonly Verdict[]): Parted {
  const shown: Change[] = [];
  const untold: Change[] = [];
  for (const [i, { change }] of told.entries()) {
    if (verdicts[i] === 'shown') shown.push(change);
    else untold.push(change);
  }
  return { shown, ignored: [], untold };
}
