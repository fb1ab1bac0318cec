import { optional } from '../adapter-kit/index.ts';
import { SETTLE_MS_UNKNOWN } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { OrphanCloser, OrphanEnd } from '../state/replica/orphan-recovery.ts';
import type { AnswerRow, Orphan } from '../state/state-database.ts';
import { type Exchange, startExchange } from '../upstream/exchange.ts';
import type { Target } from '../upstream/target.ts';
import { readCreateIntent } from '../writes/create-intent.ts';
import { createValueHash } from '../writes/value-hash.ts';
import { readIntent, type WriteIntent } from '../writes/write-intent.ts';
import { closeOrphanCreate } from './create/close-orphan-create.ts';
import { judgeDelete } from './deletion/judge-delete.ts';
import { linksTo } from './deletion/unlink.ts';
import { judge } from './judge-write.ts';
import { readNow, targetOf } from './reach-profile.ts';
import { isUnread, type RecordedEnd, writeReceipt } from './write-record.ts';

export type OrphanCloserOptions = {
  readonly targets: () => ReadonlyMap<string, Target>;
  /** The configuration with its links; absent: no link can be changed. */
  readonly gateway?: () => Parameters<typeof linksTo>[0];
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
    settleMs: settleMsOf,
    close: async (orphan) => {
      const created = readCreateIntent(orphan.intent);
      if (created !== undefined) return closeOrphanCreate(orphan, created, options);
      const intent = readIntent(orphan.intent);
      if (intent === undefined) return unreadable(orphan, options.replica);
      const exchange = exchangeFor(intent, orphan.key, options);
      if (intent.deletes === true) return closeDelete(orphan, intent, exchange, options);
      const profile = exchange && (await readNow(exchange, intent.upstreamId));
      const read = exchange && profile && { exchange, profile };
      const end = await judge({ ...orphan, intent }, read, hashOf);
      if (end === undefined) return 'not_yet';
      const recovered = { ...end, steps: exchange?.steps ?? [], recoveredBy: options.replica };
      const answer = answerOf(intent, end);
      return {
        receipt: writeReceipt(intent, orphan, recovered),
        doubtMs: end.outcome === 'applied' && intent.isResent === true ? orphan.inDoubtMs : 0,
        isUnread: isUnread(end),
        ...(answer === undefined ? {} : { answer }),
      };
    },
  };
}

/** Closes a delete by a read, with the links that led to the profile. */
async function closeDelete(
  orphan: Orphan,
  intent: WriteIntent,
  exchange: Exchange | undefined,
  { gateway, ports, replica }: OrphanCloserOptions,
): Promise<OrphanEnd> {
  const end = await judgeDelete(intent, orphan.inDoubtMs, exchange);
  if (end === undefined) return 'not_yet';
  const { upstreamId } = intent;
  const links =
    end.outcome === 'applied' && exchange && gateway !== undefined
      ? await linksTo(gateway(), { target: exchange.target, upstreamId }, ports.state)
      : undefined;
  if (links === 'unread') return 'not_yet';
  const recorded = { ...end, ...optional('unlinked', links?.unlinked), recoveredBy: replica };
  return {
    receipt: writeReceipt(intent, orphan, { ...recorded, steps: exchange?.steps ?? [] }),
    doubtMs: 0,
    isUnread: isUnread(end),
    ...optional('unlink', links?.unlink),
  };
}

/** Returns the time for which a write may still be applied after it was given up. */
export function settleMsOf(intent: string): number {
  const read = readIntent(intent) ?? readCreateIntent(intent);
  return read?.settleMs ?? SETTLE_MS_UNKNOWN;
}

/** Starts an exchange with a target that reaches the profile; undefined where there is none. */
function exchangeFor(
  intent: WriteIntent,
  key: string,
  { ports, targets }: OrphanCloserOptions,
): Exchange | undefined {
  const target = targetOf({ ...intent, key }, targets());
  return target && startExchange(target, ports, ports.monotonicMs() + ports.deadlineMs);
}

/** Returns the answer to the key of a write, sealed for nobody: only its caller has the key. */
function answerOf(
  { caller = '', id, idempotency }: WriteIntent,
  { outcome }: RecordedEnd,
): AnswerRow | undefined {
  return idempotency && { caller, id, ...idempotency, outcome, sealed: '' };
}

/** Closes a write of which nothing is known, once it is settled. */
function unreadable(orphan: Orphan, recoveredBy: string): OrphanEnd {
  if (orphan.inDoubtMs > 0) return 'not_yet';
  const { fence, key, writeId } = orphan;
  const body = { reason: 'read_back_failed', fence, recoveredBy, steps: [], unconfirmed: [] };
  const known = { kind: 'write', writeId, key, id: '', target: '', caller: '' };
  return { receipt: { ...known, outcome: 'unknown', body: JSON.stringify(body) }, doubtMs: 0 };
}
