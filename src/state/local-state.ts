import { type Answers, createMemoryAnswers } from './answers.ts';
import { createInDoubtRegistry, type InDoubtRegistry } from './in-doubt.ts';
import { keyUnderWay } from './key-under-way.ts';
import { createLru } from './lru.ts';
import { createTurns, type LockScope } from './profile-lock.ts';
import type { IdempotencyKey, ReceiptRow, StoredAnswer } from './state-database.ts';
import type { BeginRequest, Begun, ProfileKeys, StateStore } from './state-store.ts';

export type LocalStateOptions = {
  readonly doubts: InDoubtRegistry;
  /** Answers to idempotency keys; absent only where nothing is ever written. */
  readonly answers?: Answers;
  readonly lockScope: LockScope;
  /** Reports whether a profile may be written from here; absent: every one may. */
  readonly mayHold?: (key: string) => boolean;
};

/** Creates the state of one process, which ends with it. */
export function createMemoryState(monotonicMs: () => number): StateStore {
  return createLocalState({
    doubts: createInDoubtRegistry(monotonicMs),
    answers: createMemoryAnswers({ monotonicMs }),
    lockScope: 'process',
  });
}

/**
 * Creates the state of a place that alone writes its profiles: turns in memory, `doubts`, and
 * `answers`.
 */
export function createLocalState({
  answers,
  doubts,
  lockScope,
  mayHold,
}: LocalStateOptions): StateStore {
  const [turns, underWay, creators] = [createTurns(), createKeyedWrites(), createCreators()];
  const leftOpen = new Set<string>();

  const inDoubtMs = (keys: ProfileKeys): number => longestDoubtMs(doubts, keys);
  const earlier = ({ idempotency }: BeginRequest): StoredAnswer | undefined =>
    idempotency && answers?.find(idempotency.keyHash);

  /** Starts a write whose turn has come. */
  const start = (request: BeginRequest): Begun => {
    const { idempotency, key, writeId } = request;
    // Stored, or begun on another profile, while this one waited.
    const answer = earlier(request);
    const isSame = underWay.has(idempotency?.keyHash);
    const leftMs = inDoubtMs(request);
    if (leftMs <= 0 && answer === undefined && !isSame) {
      if (idempotency !== undefined) underWay.add(writeId, idempotency);
      return { kind: 'begun', key, writeId, fence: 0 };
    }
    turns.leave(key);
    if (isSame) return keyUnderWay(request, answer);
    return answer === undefined
      ? { kind: 'in_doubt', leftMs }
      : { kind: 'answered', answer, leftMs };
  };

  return {
    lockScope,
    begin: (request) => {
      const { idempotency, key, waitMsMax } = request;
      if (mayHold?.(key) === false) return BUSY;
      if (idempotency !== undefined) {
        const answer = earlier(request);
        if (underWay.has(idempotency.keyHash)) return keyUnderWay(request, answer);
        if (answer !== undefined) return { kind: 'answered', answer, leftMs: inDoubtMs(request) };
      }
      if (leftOpen.has(key)) return { kind: 'in_doubt', leftMs: Math.max(1, inDoubtMs(request)) };
      const entered = turns.enter(key, waitMsMax);
      if (entered === true) return start(request);
      return entered.then((hasEntered) => (hasEntered ? start(request) : BUSY));
    },
    end: ({ key, writeId }, ending) => {
      const marked = underWay.remove(writeId);
      leftOpen.delete(key);
      creators.note(writeId, ending?.receipt);
      if (ending?.answer !== undefined) answers?.store({ ...ending.answer, writeId });
      else if (marked !== undefined && ending?.isUnknown !== true) answers?.remove(marked);
      turns.leave(key);
      return undefined;
    },
    leaveOpen: ({ key }) => {
      leftOpen.add(key);
      return false;
    },
    replaceAnswer: (answer) => {
      answers?.replace(answer);
      return undefined;
    },
    creatorOf: creators.find,
    markInDoubt: ({ key, writeId }, lengthMs) => {
      doubts.mark(key, lengthMs);
      const unmarked = underWay.mark(writeId);
      // A place that is stopped in the middle must not write again for a repeat of the request.
      if (unmarked !== undefined) answers?.store({ ...unmarked, outcome: 'unknown', sealed: '' });
    },
    clearInDoubt: ({ key }) => doubts.clear(key),
    markLeftMs: ({ key }) => doubts.leftMs(key),
    inDoubtMs,
  };
}

function longestDoubtMs({ leftMs }: InDoubtRegistry, { formerKey, key }: ProfileKeys): number {
  const formerMs = formerKey === undefined ? 0 : leftMs(formerKey);
  return Math.max(leftMs(key), formerMs);
}

/** Profiles whose creates are remembered: more than are made while a create is open. */
const CREATORS_MAX = 10_000;

/** Creates the list of the profiles that creates have made. */
function createCreators() {
  const creators = createLru<string>(CREATORS_MAX);
  return {
    find: creators.get,
    note: (writeId: string, receipt: ReceiptRow | undefined): void => {
      if (receipt?.kind === 'create' && receipt.key !== '') creators.set(receipt.key, writeId);
    },
  };
}

const BUSY: Begun = { kind: 'busy' };

/** A write with a key; `isMarked`: it may have been sent. */
type KeyedWrite = { readonly idempotency: IdempotencyKey; isMarked: boolean };

/** Creates the list of the writes with a key that are under way. */
function createKeyedWrites() {
  const hashes = new Set<string>();
  const byWrite = new Map<string, KeyedWrite>();
  return {
    has: (keyHash: string | undefined): boolean => keyHash !== undefined && hashes.has(keyHash),
    add: (writeId: string, idempotency: IdempotencyKey): void => {
      hashes.add(idempotency.keyHash);
      byWrite.set(writeId, { idempotency, isMarked: false });
    },
    /** Marks a write, and returns its key where it was not marked yet. */
    mark: (writeId: string) => {
      const keyed = byWrite.size === 0 ? undefined : byWrite.get(writeId);
      if (keyed?.isMarked !== false) return undefined;
      keyed.isMarked = true;
      return { ...keyed.idempotency, writeId };
    },
    /** Removes a write, and returns the hash of its key where it was marked. */
    remove: (writeId: string): string | undefined => {
      const keyed = byWrite.size === 0 ? undefined : byWrite.get(writeId);
      if (keyed === undefined) return undefined;
      byWrite.delete(writeId);
      hashes.delete(keyed.idempotency.keyHash);
      return keyed.isMarked ? keyed.idempotency.keyHash : undefined;
    },
  };
}
