import type { StoredProfile } from '../adapter-kit/index.ts';
import type { Exchange } from '../upstream/exchange.ts';
import type { Confirmation } from '../writes/compare.ts';
import type { ValueHash } from '../writes/value-hash.ts';
import { lastChange } from '../writes/vendor-timeline.ts';
import {
  type ComparedIntent,
  comparableIntent,
  confirmIntended,
  type IntendedChange,
} from '../writes/write-intent.ts';
import { profileHash, type RecordedEnd } from './write-record.ts';

/** A write whose end is not known, and what it was to change. */
export type OpenWrite = {
  readonly intent: ComparedIntent;
  /** Time since it began; NaN where that is not known. */
  readonly ageMs: number;
  /** Time for which it may still be applied. */
  readonly inDoubtMs: number;
};

/** A read of a profile, with the exchange that has made it. */
export type ProfileRead = { readonly exchange: Exchange; readonly profile: StoredProfile };

/**
 * Returns how a write ended by what its profile shows now; undefined while it may still be applied.
 * `read` is undefined where the profile could not be read.
 */
export async function judge(
  write: OpenWrite,
  read: ProfileRead | undefined,
  hashOf: ValueHash,
): Promise<RecordedEnd | undefined> {
  const { inDoubtMs } = write;
  const intent = await comparableIntent(write.intent, hashOf);
  const pointers = intent.changes.map(({ pointer }) => pointer);
  const unknown = (reason: string): RecordedEnd | undefined =>
    inDoubtMs > 0
      ? undefined
      : { outcome: 'unknown', reason, unconfirmed: [], sent: pointers, code: 'outcome_unknown' };
  if (read === undefined) return unknown('read_back_failed');
  const { exchange, profile } = read;
  const { fields } = exchange.target;
  const seen = await Promise.all(
    intent.changes.map(async (change) => ({
      change,
      confirmation: await confirmIntended(change, fields, profile.content, hashOf),
    })),
  );
  const of = (wanted: Confirmation): string[] =>
    seen.filter((one) => one.confirmation === wanted).map(({ change }) => change.pointer);
  const [confirmed, contradicted, unconfirmed] = [
    of('confirmed'),
    of('contradicted'),
    of('unconfirmed'),
  ];
  const isSame =
    intent.before !== undefined && (await profileHash(profile, hashOf)) === intent.before;
  const hasMoved = sinceBegin(write, read) === 'since' || (intent.before !== undefined && !isSame);
  // One request is applied whole: what is new in it proves what is not shown.
  if (contradicted.length === 0 && confirmed.length > 0 && (unconfirmed.length === 0 || hasMoved)) {
    return { outcome: 'applied', evidence: 'read_back', unconfirmed };
  }
  // From here on, what is shown may still change until the vendor is done.
  if (inDoubtMs > 0) return undefined;
  if (isSame || sinceBegin(write, read) === 'before') {
    const { accepted = [] } = write.intent;
    const ended = { unconfirmed: [], notApplied: pointers } as const;
    return accepted.length === 0
      ? { ...ended, outcome: 'rejected', reason: 'not_applied' }
      : { ...ended, outcome: 'partial', code: 'partially_applied', applied: accepted };
  }
  if (contradicted.length === 0) return unknown('not_comparable');
  // Values that are shown may have been there before, where nothing proves a change.
  const isPartial = intent.before !== undefined && isOneStepOfTwo(seen);
  if (!isPartial) return unknown('conflicting_value');
  return {
    outcome: 'partial',
    evidence: 'read_back',
    code: 'partially_applied',
    applied: confirmed,
    notApplied: contradicted,
    unconfirmed,
  };
}

/** Compares the profile's last change with the begin of the write, by the vendor's own clock. */
function sinceBegin({ ageMs }: OpenWrite, { exchange, profile }: ProfileRead) {
  const { lastAnswer, ports } = exchange;
  return lastChange(lastAnswer, ports.monotonicMs() - ageMs, profile);
}

/** Reports whether the steps of a write differ in what is shown, and each is of one piece. */
function isOneStepOfTwo(
  seen: readonly { readonly change: IntendedChange; readonly confirmation: Confirmation }[],
): boolean {
  const steps = Map.groupBy(seen, ({ change }) => change.step);
  const isMixed = (step: typeof seen): boolean =>
    step.some(({ confirmation }) => confirmation === 'confirmed') &&
    step.some(({ confirmation }) => confirmation === 'contradicted');
  const hasApplied = seen.some(({ confirmation }) => confirmation === 'confirmed');
  return steps.size > 1 && hasApplied && ![...steps.values()].some(isMixed);
}
