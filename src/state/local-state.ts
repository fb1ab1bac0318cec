import { createInDoubtRegistry, type InDoubtRegistry } from './in-doubt.ts';
import { createTurns, type LockScope } from './profile-lock.ts';
import type { BeginRequest, Begun, ProfileKeys, StateStore } from './state-store.ts';

export type LocalStateOptions = {
  readonly doubts: InDoubtRegistry;
  readonly lockScope: LockScope;
  /** Reports whether a profile may be written from here; absent: every one may. */
  readonly mayHold?: (key: string) => boolean;
};

/** Creates the state of one process, which ends with it. */
export function createMemoryState(monotonicMs: () => number): StateStore {
  return createLocalState({ doubts: createInDoubtRegistry(monotonicMs), lockScope: 'process' });
}

/** Creates the state of a place that alone writes its profiles: turns in memory, and `doubts`. */
export function createLocalState({ doubts, lockScope, mayHold }: LocalStateOptions): StateStore {
  const turns = createTurns();

  const inDoubtMs = ({ formerKey, key }: ProfileKeys): number => {
    const formerMs = formerKey === undefined ? 0 : doubts.leftMs(formerKey);
    return Math.max(doubts.leftMs(key), formerMs);
  };

  /** Starts a write whose turn has come. */
  const start = (profile: BeginRequest): Begun => {
    const { key } = profile;
    const leftMs = inDoubtMs(profile);
    if (leftMs <= 0) return { kind: 'begun', key, writeId: profile.writeId, fence: 0 };
    turns.leave(key);
    return { kind: 'in_doubt', leftMs };
  };

  return {
    lockScope,
    begin: (request) => {
      const { key, waitMsMax } = request;
      if (mayHold?.(key) === false) return BUSY;
      const entered = turns.enter(key, waitMsMax);
      if (entered === true) return start(request);
      return entered.then((hasEntered) => (hasEntered ? start(request) : BUSY));
    },
    end: ({ key }) => {
      turns.leave(key);
      return undefined;
    },
    markInDoubt: ({ key }, lengthMs) => doubts.mark(key, lengthMs),
    clearInDoubt: ({ key }) => doubts.clear(key),
    markLeftMs: ({ key }) => doubts.leftMs(key),
    inDoubtMs,
  };
}

const BUSY: Begun = { kind: 'busy' };
