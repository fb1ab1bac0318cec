import type { ReplicaSession } from './replica/replica-session.ts';
import type { LeaseName, NamedAnswer, StoredAnswer } from './state-database.ts';

/** Leases that this process holds, with what no other place knows of them. */
export type HeldLeases = {
  readonly add: (lease: LeaseName, replica: number, keyHash: string | undefined) => void;
  readonly remove: (lease: LeaseName) => void;
  /** Hash of the idempotency key of the write that holds the profile of `key`. */
  readonly keyHashAt: (key: string) => string | undefined;
  /** Notes the answer that is stored under the key of a write until it ends. */
  readonly announce: (answer: NamedAnswer) => void;
  /** The answer that is stored under the key of the write that holds `key`. */
  readonly answerAt: (key: string) => StoredAnswer | undefined;
  /** Notes that the write of a lease was left open; false: nobody closes it but its holder. */
  readonly leaveOpen: (lease: LeaseName) => false;
  /** Milliseconds for which such a write may still be applied; undefined: there is none. */
  readonly openMs: (key: string) => number | undefined;
  /** Milliseconds for which writes under a lease may still leave. */
  readonly leftMs: (lease: LeaseName) => number;
  readonly mark: (lease: LeaseName, lengthMs: number) => void;
  readonly clear: (lease: LeaseName) => void;
  /** Milliseconds for which the mark of a lease lasts; 0: it has none. */
  readonly markLeftMs: (lease: LeaseName) => number;
  readonly count: () => number;
};

type Held = {
  readonly replica: number;
  readonly key: string;
  readonly keyHash: string | undefined;
  /** By the clock of spans. */
  markedUntilMs: number;
  isOpen: boolean;
  answer: StoredAnswer | undefined;
};

export function createHeldLeases(
  session: Pick<ReplicaSession, 'leftMs'>,
  monotonicMs: () => number,
): HeldLeases {
  const byWrite = new Map<string, Held>();
  const byKey = new Map<string, Held>();
  return {
    add: ({ key, writeId }, replica, keyHash) => {
      const held: Held = {
        replica,
        key,
        keyHash,
        markedUntilMs: 0,
        isOpen: false,
        answer: undefined,
      };
      byWrite.set(writeId, held);
      byKey.set(key, held);
    },
    remove: ({ key, writeId }) => {
      const held = byWrite.get(writeId);
      byWrite.delete(writeId);
      if (byKey.get(key) === held) byKey.delete(key);
    },
    keyHashAt: (key) => byKey.get(key)?.keyHash,
    announce: ({ fingerprint, outcome, sealed, writeId }) => {
      const held = byWrite.get(writeId);
      if (held !== undefined) held.answer = { fingerprint, outcome, sealed, writeId, ageMs: 0 };
    },
    answerAt: (key) => byKey.get(key)?.answer,
    leaveOpen: ({ writeId }) => {
      const held = byWrite.get(writeId);
      if (held !== undefined) held.isOpen = true;
      return false;
    },
    openMs: (key) => {
      const held = byKey.get(key);
      return held?.isOpen === true ? Math.max(0, held.markedUntilMs - monotonicMs()) : undefined;
    },
    leftMs: ({ writeId }) => {
      const held = byWrite.get(writeId);
      return held === undefined ? 0 : session.leftMs(held.replica);
    },
    mark: ({ writeId }, lengthMs) => {
      const held = byWrite.get(writeId);
      if (held === undefined) return;
      held.markedUntilMs = Math.max(held.markedUntilMs, monotonicMs() + lengthMs);
    },
    clear: ({ writeId }) => {
      const held = byWrite.get(writeId);
      if (held !== undefined) held.markedUntilMs = 0;
    },
    markLeftMs: ({ writeId }) =>
      Math.max(0, (byWrite.get(writeId)?.markedUntilMs ?? 0) - monotonicMs()),
    count: () => byWrite.size,
  };
}
