import { ANSWER_STORED_MS_MAX, END_RETRY_MS, LEASE_WAIT_MS, LEASE_WAIT_MS_MAX } from '../limits.ts';
import { type BatchedStatements, createBatchedStatements } from './batched-statements.ts';
import { boundedWait } from './bounded-wait.ts';
import { type Clock, sleep } from './clock.ts';
import { createLinkUses } from './control/link-uses.ts';
import { createHeldLeases, type HeldLeases } from './held-leases.ts';
import { keyUnderWay } from './key-under-way.ts';
import { createTurns } from './profile-lock.ts';
import type { ReplicaSession } from './replica/replica-session.ts';
import type { BeginRow, StateDatabase } from './state-database.ts';
import type { BeginRequest, Begun, Ended, Lease, ProfileKeys, StateStore } from './state-store.ts';

export type LeasedStateOptions = {
  readonly database: StateDatabase;
  readonly session: Pick<ReplicaSession, 'current' | 'leftMs' | 'keysLostMs'>;
  readonly sessionMs: number;
  readonly hashKey: string;
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
  /** Runs a step once this turn of the event loop is over. */
  readonly atTurnEnd: (step: () => void) => void;
  /** Another replica has closed a write of this one; `isLate`: that may still be applied. */
  readonly onFenced: (lease: Lease, isLate: boolean) => void;
  /** When the database begins to hold writes back, then with the reason, or ceases to. */
  readonly onHeldBack: (reason: string | undefined) => void;
  /** Reads the links that were changed; never rejects. */
  readonly followLinks: () => Promise<void>;
};

export type LeasedState = StateStore & {
  readonly statements: BatchedStatements;
  /** Number of leases that are held. */
  readonly held: () => number;
  /** The oldest version of the links that a write follows which may yet be applied. */
  readonly oldestLinks: () => number | undefined;
};

/** Share of a session that must be left for a caller to be answered before the end is stored. */
const ANSWER_FIRST_SHARE = 1 / 3;

/**
 * Creates a state that all replicas with one database share. Of the writes of this process to a
 * profile only the first in turn asks the database, so a profile has one contender per replica.
 */
export function createLeasedState(options: LeasedStateOptions): LeasedState {
  const { database, hashKey, session, sessionMs } = options;
  const { monotonicMs } = options.clock;
  const turns = createTurns();
  const leases = createHeldLeases(session, monotonicMs);
  const statements = createBatchedStatements({ ...options, monotonicMs });
  const contend = createContention(statements, leases, options);
  const linkUses = createLinkUses(monotonicMs);

  const end = async (lease: Lease, item: Parameters<typeof statements.end>[0]) => {
    const ended = await statements.end(item);
    if (ended === 'fenced') {
      const lateMs = leases.markLeftMs(lease);
      // Its bytes may have left after others took the profile over; then they must wait anew.
      if (lateMs > 0) await database.raiseDoubt(lease.key, lateMs).catch(() => {});
      options.onFenced(lease, lateMs > 0);
    }
    leases.remove(lease);
    turns.leave(lease.key);
    return ended;
  };

  return {
    lockScope: database.lockScope,
    hashKey,
    begin: async (request) => {
      const { key, waitMsMax } = request;
      const isSame = isSameKey(request, leases.keyHashAt(key));
      if (isSame) return keyUnderWay(request, leases.answerAt(key));
      if (session.current() === undefined) return { kind: 'unavailable' };
      const openMs = leases.openMs(key);
      if (openMs !== undefined) return { kind: 'in_doubt', leftMs: Math.max(1, openMs) };
      const untilMs = monotonicMs() + waitMsMax;
      if (!(await turns.enter(key, waitMsMax))) return { kind: 'busy' };
      linkUses.add(request);
      const begun = await contend(request, untilMs);
      if (begun.kind !== 'begun') {
        linkUses.end(request.writeId, 0);
        turns.leave(key);
      }
      return begun;
    },
    ...createOpening(database, leases),
    amend: ({ fence, key, writeId }, intent) => statements.amend({ key, fence, writeId, intent }),
    mayStillSend: (lease) => leases.leftMs(lease) > 0,
    end: (lease, { announcedKey, answer, receipt, unlink } = {}) => {
      const leftMs = leases.leftMs(lease);
      const doubtMs = leases.markLeftMs(lease);
      linkUses.end(lease.writeId, doubtMs);
      const stored = end(lease, { ...lease, doubtMs, receipt, answer, announcedKey, unlink });
      // The caller's next request must not follow the link.
      if (unlink !== undefined) return followed(stored, options.followLinks);
      if (leftMs <= sessionMs * ANSWER_FIRST_SHARE) return stored;
      // A caller who has the answer may repeat the request at once, and must find it.
      return answer === undefined ? undefined : orSoon(stored);
    },
    addLinkTarget: linkAdder(options),
    replaceAnswer: (answer) => database.replaceAnswer(answer).catch(() => {}),
    receipt: (writeId) => database.receipt(writeId).catch(() => 'unavailable'),
    creatorOf: creatorIn(database),
    markInDoubt: leases.mark,
    clearInDoubt: leases.clear,
    markLeftMs: leases.markLeftMs,
    inDoubtMs: (profile) => longestDoubt(database, profile),
    followLinks: options.followLinks,
    statements,
    held: leases.count,
    oldestLinks: linkUses.oldest,
  };
}

/** Creates the look-up of creates by their receipts. */
function creatorIn({ receipts }: Pick<StateDatabase, 'receipts'>): StateStore['creatorOf'] {
  return async (key) => {
    const made = await receipts({ key, kind: 'create', max: 1 }).catch(asUnavailable);
    return made === 'unavailable' ? made : made[0]?.writeId;
  };
}

/** Creates what announces writes with a key, and what leaves writes open. */
function createOpening(
  database: Pick<StateDatabase, 'announce' | 'leaveOpen'>,
  leases: HeldLeases,
): Pick<StateStore, 'announce' | 'leaveOpen'> {
  /** Tries until it is stored, or the write has ended. */
  const showOpen = async (lease: Lease): Promise<void> => {
    for (;;) {
      const leftMs = leases.markLeftMs(lease);
      if (leftMs === 0 || (await database.leaveOpen(lease, leftMs).then(isStored, isLost))) return;
      await sleep(END_RETRY_MS);
    }
  };
  return {
    announce: async ({ fence, key, writeId }, intent, idempotency) => {
      const item = { key, fence, writeId, intent, idempotency };
      const result = await database.announce(item).catch(asUnavailable);
      if (result === 'announced') leases.announce({ ...idempotency, writeId, ...END_UNKNOWN });
      return result;
    },
    leaveOpen: (lease) => {
      // For other replicas and operators; here the lease itself shows it.
      void showOpen(lease);
      return leases.leaveOpen(lease);
    },
  };
}

/** The answer under the key of a write that has been announced. */
const END_UNKNOWN = { outcome: 'unknown', sealed: '' } as const;

const isStored = (): boolean => true;
const isLost = (): boolean => false;

/** Milliseconds until a profile is settled, also under its former key. */
async function longestDoubt(
  { inDoubtMs }: Pick<StateDatabase, 'inDoubtMs'>,
  { formerKey, key }: ProfileKeys,
): Promise<number> {
  const keys = formerKey === undefined ? [key] : [key, formerKey];
  return Math.max(...(await inDoubtMs(keys).catch(() => [0])));
}

/** Waits for an end to be stored, and for the links that it has changed. */
async function followed(stored: Promise<Ended>, followLinks: () => Promise<void>): Promise<Ended> {
  const ended = await orSoon(stored);
  await followLinks();
  return ended;
}

/** Returns what adds a target to a link, and follows it here. */
function linkAdder({
  database,
  followLinks,
}: LeasedStateOptions): NonNullable<StateStore['addLinkTarget']> {
  return async ({ fence, key, writeId }, link, receipt) => {
    const lease = { key, fence, writeId };
    const added = await database.addLinkTarget(lease, link, receipt).catch(asUnavailable);
    await followLinks();
    return added === 'fenced' ? 'unavailable' : added;
  };
}

function asUnavailable(): 'unavailable' {
  return 'unavailable';
}

/** Waits for an end to be stored, but no longer than `ANSWER_STORED_MS_MAX`. */
function orSoon(stored: Promise<Ended>): Promise<Ended> {
  const wait = boundedWait<Ended>(ANSWER_STORED_MS_MAX, () => 'stored');
  void stored.then(wait.end);
  return wait.result;
}

/** Asks for a lease until it is free, in doubt, or the time is over. */
function createContention(
  statements: BatchedStatements,
  leases: HeldLeases,
  { clock, random, session }: LeasedStateOptions,
): (request: BeginRequest, untilMs: number) => Promise<Begun> {
  return async (request, untilMs) => {
    const { formerKey, idempotency, intent = '', key, link, writeId } = request;
    for (let waitMs = LEASE_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LEASE_WAIT_MS_MAX)) {
      const found = await statements.begin({ key, formerKey, writeId, intent, idempotency, link });
      if (found === undefined) return { kind: 'unavailable' };
      const { replica, row } = found;
      const { answer } = row;
      if (row.kind === 'begun') {
        const lease = { key, writeId, fence: row.fence };
        if (answer !== undefined) {
          await statements.end({ ...lease, doubtMs: 0 });
          return { kind: 'answered', answer, leftMs: 0 };
        }
        if (idempotency !== undefined && session.keysLostMs() > 0) {
          await statements.end({ ...lease, doubtMs: 0 });
          return { kind: 'keys_lost' };
        }
        leases.add(lease, replica, idempotency?.keyHash);
        return { kind: 'begun', ...lease };
      }
      const leftMs = row.kind === 'in_doubt' ? row.leftMs : 0;
      if (isRepeatOfHeld(request, row)) return { kind: 'in_progress' };
      if (answer !== undefined) return { kind: 'answered', answer, leftMs };
      if (row.kind === 'in_doubt' || row.kind === 'stale') return row;
      if (isSameKey(request, row.keyHash)) return { kind: 'in_progress' };
      const timeMs = untilMs - clock.monotonicMs();
      if (timeMs <= 0) return { kind: 'busy' };
      // Jitter, so that replicas that began to wait together do not ask together.
      await sleep(Math.min(timeMs, waitMs * (0.5 + random() / 2)));
    }
  };
}

/** Reports whether a request repeats a write that was announced, and has not ended. */
function isRepeatOfHeld({ idempotency }: BeginRequest, { answer, ...row }: BeginRow): boolean {
  if (row.kind !== 'held' && row.kind !== 'in_doubt') return false;
  if (answer === undefined || answer.writeId !== row.heldBy) return false;
  return answer.fingerprint === idempotency?.fingerprint;
}

function isSameKey({ idempotency }: BeginRequest, keyHash: string | undefined): boolean {
  return idempotency !== undefined && idempotency.keyHash === keyHash;
}
