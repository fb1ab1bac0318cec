import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import { mayUse } from '../../auth/permissions.ts';
import type { Ports } from '../../ports.ts';
import type { StoredAnswer, StoredReceipt } from '../../state/state-database.ts';
import { startExchange } from '../../upstream/exchange.ts';
import { refuseByMode, type Target } from '../../upstream/target.ts';
import { isAtomic } from '../../writes/plan.ts';
import { createValueHash } from '../../writes/value-hash.ts';
import { type ComparedIntent, readIntent } from '../../writes/write-intent.ts';
import { notBegun, profileKeys } from '../begin-write.ts';
import { judge, type ProfileRead } from '../judge-write.ts';
import { type PatchAnswer, type Replay, refused } from '../patch-answer.ts';
import type { KeyedRequest, PatchRequest } from '../patch-request.ts';
import type { Planned } from '../plan-patch.ts';
import { type ReachedProfile, readNow, targetOf } from '../reach-profile.ts';
import { hashKeyOf, type RecordedEnd, type WriteRecord } from '../write-record.ts';
import { type KnownEnd, successful, unsuccessful } from './known-answer.ts';
import { type OpenedAnswer, openAnswer, receiptDetails, sealAnswer } from './stored-answer.ts';

/** A request whose key has an answer already. */
export type RepeatedRequest = {
  readonly gateway: { readonly targets: ReadonlyMap<string, Target> };
  readonly ports: Ports;
  readonly request: PatchRequest;
  readonly keyed: KeyedRequest;
  /** Its own plan and record; undefined where it could not be planned. */
  readonly written: { readonly planned: Planned; readonly record: WriteRecord } | undefined;
};

/** The write of the first request, as far as its answer or its receipt shows it. */
type EarlierWrite = Omit<KnownEnd, 'leftMs'> & {
  readonly profile: ReachedProfile;
  /** Changes of the write, hashed; undefined where nothing shows them. */
  readonly intent: ComparedIntent | undefined;
  /** Time since it began; NaN where that is not known. */
  readonly ageMs: number;
};

/**
 * Answers a repeat of a request: as the first was answered or, where its end was not known, by what
 * the profile shows now. `leftMs`: for so long the profile is in doubt.
 */
export async function answerRepeat(
  repeated: RepeatedRequest,
  stored: StoredAnswer,
  leftMs: number,
): Promise<PatchAnswer | Replay> {
  const { keyed, ports, request } = repeated;
  const { outcome, writeId } = stored;
  if (stored.fingerprint !== keyed.key.fingerprint) return refused(request, keyReused());
  const kept = await openAnswer(keyed, stored.sealed);
  if (kept !== undefined && outcome !== 'unknown') return { writeId, replay: kept };
  const receipt = kept === undefined ? await ports.state.receipt?.(writeId) : undefined;
  // Without its receipt the write would be judged by where the id leads now.
  if (receipt === 'unavailable') return refused(request, notBegun({ kind: receipt }));
  const earlier = earlierOfKept(stored, kept) ?? earlierOfReceipt(repeated, stored, receipt);

  const target = reachable(repeated, earlier.profile);
  const exchange = startExchange(target ?? request.resolved.target, ports, request.endMs);
  const isShown = outcome === 'applied' || outcome === 'noop' || outcome === 'unknown';
  const profile =
    target !== undefined && isShown
      ? await readNow(exchange, earlier.profile.upstreamId)
      : undefined;
  const read = profile && { exchange, profile };
  const end = outcome === 'unknown' ? await judgeNow(earlier, read, leftMs, ports) : earlier.end;
  if (end.outcome === 'unknown' && kept !== undefined) {
    return { writeId, exchange, replay: kept, leftMs };
  }
  const known = { ...earlier, end, leftMs };
  const hasSucceeded = end.outcome === 'applied' || end.outcome === 'noop';
  const answer = {
    writeId,
    ...(hasSucceeded
      ? await successful(exchange, request, known, profile)
      : unsuccessful(exchange, known)),
  };
  if (end.outcome !== 'unknown') {
    const sealed = await sealAnswer(keyed, answer, exchange);
    await ports.state.replaceAnswer({ ...keyed.key, writeId, outcome: end.outcome, sealed });
  }
  return { writeId, exchange, replay: keyed.render(answer, exchange.target.name, false) };
}

/** Returns the write of an answer that has all that is needed to judge it. */
function earlierOfKept(
  { ageMs }: StoredAnswer,
  kept: OpenedAnswer | undefined,
): EarlierWrite | undefined {
  const { unsettled } = kept ?? {};
  const intent = unsettled && readIntent(unsettled.intent);
  if (unsettled === undefined || intent === undefined) return undefined;
  const { atomic, key, losses, tookMs } = unsettled;
  const { target, upstreamId } = intent;
  return {
    profile: { key, target, upstreamId },
    intent,
    ageMs: ageMs + tookMs,
    end: { outcome: 'unknown', unconfirmed: [] },
    losses,
    atomic,
    pointers: intent.changes.map(({ pointer }) => pointer),
  };
}

/** Returns the write of an answer that cannot be read, by its receipt and the repeat itself. */
function earlierOfReceipt(
  { request, written }: RepeatedRequest,
  { outcome: stored }: StoredAnswer,
  receipt: StoredReceipt | undefined,
): EarlierWrite {
  const {
    before,
    hashKeyId,
    upstreamId = request.resolved.upstreamId,
    ...details
  } = receiptDetails(receipt);
  const { key, target } = receipt ?? {
    ...profileKeys(request.resolved),
    target: request.resolved.target.name,
  };
  const own = written && readIntent(written.record.current());
  // The hashes of the repeat have the key of today, which that of the receipt need not be.
  const shown = own?.hashKeyId === hashKeyId ? before : undefined;
  const outcome = KNOWN_OUTCOMES.find((known) => known === stored) ?? 'unknown';
  // Without its receipt nothing shows which part was applied.
  const isSplit = outcome === 'partial' && details.applied === undefined;
  const members = written?.planned.changes ?? request.patch.entries;
  return {
    profile: { key, target, upstreamId },
    intent: own && { changes: own.changes, hashKeyId: own.hashKeyId, before: shown },
    ageMs: Number.NaN,
    end: {
      ...details,
      unconfirmed: details.unconfirmed ?? [],
      outcome: isSplit ? 'unknown' : outcome,
    },
    losses: written?.planned.losses ?? [],
    atomic: written === undefined || isAtomic(written.planned.changes),
    pointers: members.map(({ pointer }) => pointer),
  };
}

const KNOWN_OUTCOMES = ['applied', 'noop', 'rejected', 'partial'] as const;

/** Returns how a write ended that was answered as unknown, by what its profile shows now. */
async function judgeNow(
  { ageMs, end, intent }: EarlierWrite,
  read: ProfileRead | undefined,
  inDoubtMs: number,
  { digests, state }: Ports,
): Promise<RecordedEnd> {
  if (intent === undefined) return end;
  const hashOf = createValueHash(digests, hashKeyOf(state));
  return (await judge({ intent, ageMs, inDoubtMs }, read, hashOf)) ?? end;
}

/** Finds a target that the profile can be read from for this caller now. */
function reachable(
  { gateway, request: { caller } }: RepeatedRequest,
  profile: ReachedProfile,
): Target | undefined {
  const target = targetOf(profile, gateway.targets);
  if (target === undefined || !mayUse(caller, target.name)) return undefined;
  return refuseByMode(target, 'read') === undefined ? target : undefined;
}

/** Returns the fault of a key that came with another request before. */
export function keyReused(): Fault {
  return ownFault(
    'idempotency_key_reused',
    'The key was sent with another request before; nothing was sent.',
  );
}
