import { OBJECT_ANSWER_BYTES_MAX, OBJECT_ANSWERS_MAX } from '../../limits.ts';
import {
  ANSWER_MS,
  type Answers,
  agedAnswer,
  type KeptAnswer,
  keptAnswer,
  mayReplace,
} from '../../state/answers.ts';

/** An answer in the list of those that are kept, the oldest first. */
type Listed = { readonly keyHash: string; readonly atMs: number; readonly bytes: number };

/** No key of a profile begins like this: see `in-doubt-storage.ts`. */
const LIST = 'answers';
const PREFIX = 'answer/';

export type StoredAnswers = Answers & {
  /** Removes what has expired. */
  readonly prune: () => void;
  /** Returns when the oldest expires, in Unix milliseconds; undefined where there is none. */
  readonly dueMs: () => number | undefined;
};

/**
 * Answers in the storage of a profile's object, for `ANSWER_MS`; beyond the bounds of an object the
 * oldest go sooner. `onStored` is called for each change, after which another one may be due.
 */
export function createStoredAnswers(
  { kv }: Pick<DurableObjectStorage, 'kv'>,
  onStored: () => void,
  now: () => number = Date.now,
): StoredAnswers {
  const list = (): readonly Listed[] => kv.get<readonly Listed[]>(LIST) ?? [];
  const read = (keyHash: string): KeptAnswer | undefined => kv.get<KeptAnswer>(PREFIX + keyHash);

  /** Keeps of `all` what has neither expired nor goes beyond the bounds. */
  const keep = (all: readonly Listed[]): void => {
    const nowMs = now();
    let bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    let left = all.length;
    const kept = all.filter((one) => {
      const isFit = left <= OBJECT_ANSWERS_MAX && bytes <= OBJECT_ANSWER_BYTES_MAX;
      // A moment ahead of now: the clock was set back since.
      if (isFit && Math.abs(nowMs - one.atMs) < ANSWER_MS) return true;
      left -= 1;
      bytes -= one.bytes;
      kv.delete(PREFIX + one.keyHash);
      return false;
    });
    if (kept.length === 0) kv.delete(LIST);
    else kv.put(LIST, kept);
    onStored();
  };
  const without = (keyHash: string) => list().filter((one) => one.keyHash !== keyHash);

  return {
    find: (keyHash) => agedAnswer(read(keyHash), now()),
    store: (answer) => {
      const { keyHash, sealed } = answer;
      const atMs = now();
      kv.put(PREFIX + keyHash, keptAnswer(answer, atMs));
      keep([...without(keyHash), { keyHash, atMs, bytes: sealed.length }]);
    },
    replace: (answer) => {
      const { keyHash, sealed } = answer;
      const known = read(keyHash);
      if (known === undefined || !mayReplace(known, answer)) return;
      kv.put(PREFIX + keyHash, keptAnswer(answer, known.atMs));
      keep(list().map((one) => (one.keyHash === keyHash ? { ...one, bytes: sealed.length } : one)));
    },
    remove: (keyHash) => {
      kv.delete(PREFIX + keyHash);
      keep(without(keyHash));
    },
    prune: () => {
      const all = list();
      if (all.length > 0) keep(all);
    },
    dueMs: () => {
      const [oldest] = list();
      return oldest && oldest.atMs + ANSWER_MS;
    },
  };
}
