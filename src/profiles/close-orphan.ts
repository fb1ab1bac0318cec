import type { StoredProfile } from '../adapter-kit/index.ts';
import { SETTLE_MS_UNKNOWN } from '../limits.ts';
import type { Ports } from '../ports.ts';
import { profileKey } from '../routing/resolve.ts';
import type { OrphanCloser, OrphanEnd } from '../state/orphan-recovery.ts';
import type { Orphan } from '../state/state-database.ts';
import { type Exchange, startExchange } from '../upstream/exchange.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import type { Target } from '../upstream/target.ts';
import type { Confirmation } from '../writes/compare.ts';
import { createValueHash, type ValueHash } from '../writes/value-hash.ts';
import { lastChange } from '../writes/vendor-timeline.ts';
import {
  confirmIntended,
  type IntendedChange,
  readIntent,
  type WriteIntent,
} from '../writes/write-intent.ts';
import { profileHash, type RecordedEnd, writeReceipt } from './write-record.ts';

export type OrphanCloserOptions = {
  readonly targets: () => ReadonlyMap<string, Target>;
  readonly ports: Ports;
  readonly hashKey: string;
  /** Name of this replica, which the receipt shows. */
  readonly replica: string;
};

/**
 * Creates what closes the writes of a replica that is gone: it reads each profile with the target's
 * own credentials and compares it with the intent. Nothing is ever sent again.
 */
export function createOrphanCloser(options: OrphanCloserOptions): OrphanCloser {
  const hashOf = createValueHash(options.ports.digests, options.hashKey);
  return {
    settleMs: (text) => readIntent(text)?.settleMs ?? SETTLE_MS_UNKNOWN,
    close: async (orphan) => {
      const intent = readIntent(orphan.intent);
      if (intent === undefined) return unreadable(orphan, options.replica);
      const exchange = exchangeFor(intent, orphan.key, options);
      const read = exchange && (await readProfileOf(exchange, intent));
      const end = await judgeOrphan(orphan, intent, exchange, read, hashOf);
      if (end === undefined) return 'not_yet';
      const recovered = { ...end, steps: exchange?.steps ?? [], recoveredBy: options.replica };
      return {
        receipt: writeReceipt(intent, orphan, recovered),
        doubtMs: end.outcome === 'applied' && intent.isResent === true ? orphan.inDoubtMs : 0,
      };
    },
  };
}

/** Returns how a write ended; undefined while it may still be applied. */
async function judgeOrphan(
  orphan: Orphan,
  intent: WriteIntent,
  exchange: Exchange | undefined,
  read: StoredProfile | undefined,
  hashOf: ValueHash,
): Promise<RecordedEnd | undefined> {
  const pointers = intent.changes.map(({ pointer }) => pointer);
  const unknown = (reason: string): RecordedEnd | undefined =>
    orphan.inDoubtMs > 0
      ? undefined
      : { outcome: 'unknown', reason, unconfirmed: [], sent: pointers, code: 'outcome_unknown' };
  if (exchange === undefined || read === undefined) return unknown('read_back_failed');
  const fields = exchange.target.fields;
  const seen = await Promise.all(
    intent.changes.map(async (change) => ({
      change,
      confirmation: await confirmIntended(change, fields, read.content, hashOf),
    })),
  );
  const of = (wanted: Confirmation): string[] =>
    seen.filter((one) => one.confirmation === wanted).map(({ change }) => change.pointer);
  const [confirmed, contradicted, unconfirmed] = [
    of('confirmed'),
    of('contradicted'),
    of('unconfirmed'),
  ];
  const isSame = intent.before !== undefined && (await profileHash(read, hashOf)) === intent.before;
  const hasMoved =
    sinceBegin(orphan, exchange, read) === 'since' || (intent.before !== undefined && !isSame);
  // One request is applied whole: what is new in it proves what is not shown.
  if (contradicted.length === 0 && confirmed.length > 0 && (unconfirmed.length === 0 || hasMoved)) {
    return { outcome: 'applied', evidence: 'read_back', unconfirmed };
  }
  // From here on, what is shown may still change until the vendor is done.
  if (orphan.inDoubtMs > 0) return undefined;
  if (isSame || sinceBegin(orphan, exchange, read) === 'before') {
    return { outcome: 'rejected', reason: 'not_applied', unconfirmed: [], notApplied: pointers };
  }
  if (contradicted.length === 0) return unknown('not_comparable');
  if (!isOneStepOfTwo(seen)) return unknown('conflicting_value');
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
function sinceBegin(orphan: Orphan, { lastAnswer, ports }: Exchange, read: StoredProfile) {
  return lastChange(lastAnswer, ports.monotonicMs() - orphan.ageMs, read);
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

/** Starts an exchange with a target that reaches the profile; undefined where there is none. */
function exchangeFor(
  { target: name, upstreamId }: WriteIntent,
  key: string,
  { ports, targets }: OrphanCloserOptions,
): Exchange | undefined {
  const reaches = (target: Target): boolean => profileKey({ target, upstreamId }) === key;
  const named = targets().get(name);
  const target =
    named !== undefined && reaches(named) ? named : [...targets().values()].find(reaches);
  return target && startExchange(target, ports, ports.monotonicMs() + ports.deadlineMs);
}

async function readProfileOf(
  exchange: Exchange,
  { upstreamId }: WriteIntent,
): Promise<StoredProfile | undefined> {
  const read = await readWithRetry(exchange, exchange.target.connection.read(upstreamId));
  return read.ok ? read.value : undefined;
}

/** Closes a write of which nothing is known, once it is settled. */
function unreadable(orphan: Orphan, recoveredBy: string): OrphanEnd {
  if (orphan.inDoubtMs > 0) return 'not_yet';
  const { fence, key, writeId } = orphan;
  const body = { reason: 'read_back_failed', fence, recoveredBy, steps: [], unconfirmed: [] };
  const known = { kind: 'write', writeId, key, id: '', target: '', caller: '' };
  return { receipt: { ...known, outcome: 'unknown', body: JSON.stringify(body) }, doubtMs: 0 };
}
