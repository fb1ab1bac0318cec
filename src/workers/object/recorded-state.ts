import { LOOK_AGAIN_MS } from '../../limits.ts';
import { isCreateKey } from '../../routing/resolve.ts';
import type { Answers } from '../../state/answers.ts';
import type { OrphanEnd } from '../../state/replica/orphan-recovery.ts';
import type { BeginRequest, Begun, Ended, Lease, StateStore } from '../../state/state-store.ts';
import type { StoredReceipts } from './receipt-storage.ts';
import type { LedgerWrite, WriteLedger } from './write-ledger.ts';

export type RecordedStateOptions = {
  /** Turns, marks and answers of the same object. */
  readonly local: StateStore;
  readonly answers: Answers;
  readonly ledger: WriteLedger;
  readonly receipts: StoredReceipts;
  /** Undefined: no write is recorded, but what earlier ones have left is. */
  readonly hashKey: string | undefined;
  /** Runs `work`, all of which is stored, or nothing. */
  readonly atomically: (work: () => void) => void;
  /** Time after which a write that began is not sent any more. */
  readonly writeMs: number;
  /** Time for which it may be applied after that, by its intent. */
  readonly settleMs: (intent: string) => number;
  readonly now: () => number;
  /**
   * When a write is to be looked at whose end was not stored, in Unix milliseconds; without it,
   * when the first part of the object is due.
   */
  readonly wakeBy: (atMs?: number) => void;
};

/** The closing of a write, as far as a read of its profile shows how that ended. */
export type FoundEnd = Exclude<OrphanEnd, 'not_yet'>;

/** The state of one profile in its object, which keeps intents and receipts. */
export type RecordedState = StateStore & {
  /** True for a write that this instance of the object has begun and not ended. */
  readonly holds: (write: LedgerWrite) => boolean;
  /** Milliseconds for which an open write may still be sent or applied. */
  readonly openMs: (write: LedgerWrite) => number;
  /** Ends a write that was cut off; false, and nothing is done, where it has ended meanwhile. */
  readonly close: (write: LedgerWrite, end: FoundEnd) => boolean;
};

/** The write of an object that is open: its own, or one of an earlier instance of the object. */
type Current = { own: Lease | undefined; orphan: LedgerWrite | undefined };

/** Least wait for who finds a write that was cut off, and is to be closed at any moment. */
const CLOSING_MS = 1_000;

/**
 * Adds intents and receipts to `local`. What is stored is durable before the next request leaves
 * the object, and before its caller is answered: the runtime holds both back until then.
 */
export function createRecordedState(options: RecordedStateOptions): RecordedState {
  const { ledger, local, now, receipts } = options;
  const current: Current = { own: undefined, orphan: ledger.openWrite() };
  if (current.orphan?.looks === 0) ledger.lookAgain(current.orphan, now());

  const openMs = ({ beganAtMs, intent }: LedgerWrite): number => {
    const lengthMs = options.writeMs + options.settleMs(intent);
    // The clock may have been set since.
    return Math.max(0, Math.min(lengthMs, beganAtMs + lengthMs - now()));
  };
  const orphanMs = (): number => {
    const { orphan } = current;
    return orphan === undefined ? 0 : Math.max(CLOSING_MS, openMs(orphan));
  };
  const record = createRecording(options, current, orphanMs);
  const recording = options.hashKey !== undefined && {
    hashKey: options.hashKey,
    amend: async (lease: Lease, intent: string) => ledger.amend(lease, intent),
  };

  return {
    ...local,
    ...recording,
    begin: (request) => {
      const begun = local.begin(request);
      if (!(begun instanceof Promise)) return record(request, begun);
      return begun.then((one) => record(request, one));
    },
    end: createEnding(options, current),
    leaveOpen: (lease) => {
      if (current.own?.writeId !== lease.writeId) return local.leaveOpen(lease);
      current.own = undefined;
      current.orphan = ledger.openWrite();
      const lookAtMs = now() + LOOK_AGAIN_MS;
      ledger.lookAgain(lease, lookAtMs);
      options.wakeBy(lookAtMs);
      // The turn is over, and the ledger alone holds other writes up.
      void local.end(lease, { isUnknown: true });
      return true;
    },
    receipt: async (writeId) => receipts.find(writeId),
    creatorOf: (key) => receipts.list({ key, kind: 'create', max: 1 })[0]?.writeId,
    inDoubtMs: async (profile) => Math.max(orphanMs(), await local.inDoubtMs(profile)),
    holds: ({ writeId }) => current.own?.writeId === writeId,
    openMs,
    close: createClosing(options, current),
  };
}

/** Returns what stores the intent of a write that has begun, unless another one was cut off. */
function createRecording(
  { hashKey, ledger, local, now, wakeBy, writeMs }: RecordedStateOptions,
  current: Current,
  orphanMs: () => number,
): (request: BeginRequest, begun: Begun) => Begun {
  const open = ({ idempotency }: BeginRequest, begun: Lease, intent: string): Begun => {
    const { key, writeId } = begun;
    const beganAtMs = now();
    const lookAtMs = beganAtMs + writeMs;
    const write = { key, writeId, intent, keyHash: idempotency?.keyHash, beganAtMs, lookAtMs };
    try {
      wakeBy(lookAtMs);
      const own = { ...begun, fence: ledger.open(write) };
      current.own = own;
      return own;
    } catch {
      void local.end(begun);
      return { kind: 'unavailable' };
    }
  };

  return (request, begun) => {
    const leftMs = orphanMs();
    // The runtime drops an alarm that fails some times; this instance may outlive it.
    if (leftMs > 0) wakeBy();
    const isSame = request.idempotency?.keyHash === (current.orphan?.keyHash ?? '');
    if (isSame && leftMs > 0 && isUnderWay(request, begun)) return { kind: 'in_progress' };
    if (begun.kind === 'answered' || begun.kind === 'in_doubt') {
      return { ...begun, leftMs: Math.max(begun.leftMs, leftMs) };
    }
    if (begun.kind !== 'begun') return begun;
    if (leftMs > 0) {
      void local.end(begun);
      return isSame ? { kind: 'in_progress' } : { kind: 'in_doubt', leftMs };
    }
    // Without a key of its own an intent has hashes that anybody can try.
    if (hashKey === undefined || request.intent === undefined) return begun;
    return open(request, begun, request.intent);
  };
}

/** Reports whether a repeat waits until its write is closed: a PATCH is looked at by a read. */
function isUnderWay({ idempotency, key }: BeginRequest, begun: Begun): boolean {
  if (begun.kind !== 'answered') return begun.kind === 'in_doubt';
  return isCreateKey(key) && begun.answer.fingerprint === idempotency?.fingerprint;
}

function createEnding(
  { atomically, ledger, local, receipts }: RecordedStateOptions,
  current: Current,
): StateStore['end'] {
  return (lease, ending) => {
    if (lease.fence === 0) return local.end(lease, ending);
    // It was closed as one that was cut off, and the profile is free since.
    if (current.own?.writeId !== lease.writeId) return Promise.resolve<Ended>('fenced');
    current.own = undefined;
    let hasEnded = false;
    try {
      atomically(() => {
        ledger.close(lease);
        if (ending?.receipt !== undefined) receipts.add(ending.receipt);
        void local.end(lease, ending);
        hasEnded = true;
      });
    } catch {
      // Nothing of it was stored: the write is closed later, by a read.
      current.orphan = ledger.openWrite();
      if (!hasEnded) void local.end(lease, { isUnknown: true });
    }
    return undefined;
  };
}

function createClosing(
  { answers, atomically, ledger, local, receipts }: RecordedStateOptions,
  current: Current,
): RecordedState['close'] {
  return (write, { answer, doubtMs, receipt }) => {
    const { fence, key, writeId } = write;
    const lease: Lease = { kind: 'begun', key, writeId, fence };
    let isClosed = false;
    atomically(() => {
      isClosed = ledger.close(lease);
      if (!isClosed) return;
      receipts.add(receipt);
      if (doubtMs <= 0) local.clearInDoubt(lease);
      if (answer === undefined) return;
      const named = { ...answer, writeId };
      if (answers.find(answer.keyHash) === undefined) answers.store(named);
      else answers.replace(named);
    });
    if (current.orphan?.writeId === writeId) current.orphan = undefined;
    if (current.own?.writeId !== writeId) return isClosed;
    // Its request is gone without a word: the runtime has ended that with its caller.
    current.own = undefined;
    void local.end(lease, answer === undefined ? { isUnknown: true } : { answer });
    return isClosed;
  };
}
