import { ANSWER_BYTES_MAX, ANSWER_HOURS, ANSWERS_MAX } from '../limits.ts';
import { createCompactingMap } from './compacting-map.ts';
import type { NamedAnswer, StoredAnswer } from './state-database.ts';

/** Answers to idempotency keys, for a state without a database. */
export type Answers = {
  /** Finds the answer under the hash of a key, which covers caller and id. */
  readonly find: (keyHash: string) => StoredAnswer | undefined;
  readonly store: (answer: NamedAnswer) => void;
  /** Stores what became known of a write; see `StateDatabase.replaceAnswer`. */
  readonly replace: (answer: NamedAnswer) => void;
  readonly remove: (keyHash: string) => void;
};

/** Time for which an answer is kept. */
export const ANSWER_MS = ANSWER_HOURS * 3_600_000;

/** An answer, and when it was stored by the clock of its store. */
export type KeptAnswer = Omit<StoredAnswer, 'ageMs'> & { readonly atMs: number };

export type MemoryAnswersOptions = {
  readonly monotonicMs: () => number;
  readonly countMax?: number;
  readonly bytesMax?: number;
};

/** Keeps answers in memory for `ANSWER_MS`; beyond its bounds the oldest go sooner. */
export function createMemoryAnswers(options: MemoryAnswersOptions): Answers {
  const { bytesMax = ANSWER_BYTES_MAX, countMax = ANSWERS_MAX, monotonicMs } = options;
  // In the order in which they were stored.
  const kept = createCompactingMap<string, KeptAnswer>();
  let bytes = 0;

  const remove = (keyHash: string): void => {
    bytes -= kept.get(keyHash)?.sealed.length ?? 0;
    kept.delete(keyHash);
  };
  const put = (keyHash: string, answer: KeptAnswer): void => {
    remove(keyHash);
    kept.set(keyHash, answer);
    bytes += answer.sealed.length;
    const expiredMs = monotonicMs() - ANSWER_MS;
    for (;;) {
      const oldest = kept.oldest();
      if (oldest === undefined) return;
      const isExpired = (kept.get(oldest)?.atMs ?? 0) <= expiredMs;
      if (!isExpired && bytes <= bytesMax && kept.size() <= countMax) return;
      remove(oldest);
    }
  };

  return {
    remove,
    find: (keyHash) => agedAnswer(kept.get(keyHash), monotonicMs()),
    store: (answer) => put(answer.keyHash, keptAnswer(answer, monotonicMs())),
    replace: (answer) => {
      const known = kept.get(answer.keyHash);
      if (!mayReplace(known, answer)) return;
      const atMs = known?.atMs ?? 0;
      // In its place: the order is that of their ages.
      bytes += answer.sealed.length - (known?.sealed.length ?? 0);
      kept.set(answer.keyHash, keptAnswer(answer, atMs));
    },
  };
}

/** Returns an answer as it is kept. */
export function keptAnswer(answer: NamedAnswer, atMs: number): KeptAnswer {
  const { fingerprint, outcome, sealed, writeId } = answer;
  return { fingerprint, outcome, sealed, writeId, atMs };
}

/** Returns an answer with its age; undefined once that is `ANSWER_MS`. */
export function agedAnswer(
  answer: KeptAnswer | undefined,
  nowMs: number,
): StoredAnswer | undefined {
  if (answer === undefined) return undefined;
  const { atMs, ...rest } = answer;
  const ageMs = Math.max(0, nowMs - atMs);
  return ageMs < ANSWER_MS ? { ...rest, ageMs } : undefined;
}

/** Reports whether `later` may replace `known`: what is known of a write stays. */
export function mayReplace(known: KeptAnswer | undefined, later: NamedAnswer): boolean {
  if (known?.writeId !== later.writeId) return false;
  return known.outcome === 'unknown' || known.sealed === '';
}
