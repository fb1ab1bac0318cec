import type { Digests, MaybePromise } from '../adapter-kit/index.ts';
import type { Caller } from './caller.ts';
import type { TokenVerifier } from './jwt-verifier.ts';

/** Finds callers by what their requests carry. */
export type CallerBook = {
  /** The caller of an API key. */
  readonly find: (key: string) => MaybePromise<Caller | undefined>;
  /** The caller of a name. */
  readonly named: (name: string) => Caller | undefined;
  /** Judges signed tokens; undefined where no caller uses them. */
  readonly verify: TokenVerifier | undefined;
};

/** The form in which a configuration may hold a key without its text. */
const HASHED_KEY = /^sha256:([0-9a-f]{64})$/;

export type CallerKeys = { readonly caller: Caller; readonly keys: readonly string[] };

/**
 * Keys are looked for by their SHA-256. What the time of a search shows of a digest helps nobody to
 * a key that has it, and many callers cost no more than one.
 */
export async function createCallerBook(
  callers: readonly CallerKeys[],
  digests: Digests,
  verify?: TokenVerifier,
): Promise<CallerBook> {
  const callerByHash = new Map<string, Caller>();
  const callerByName = new Map<string, Caller>();
  for (const { caller, keys } of callers) {
    callerByName.set(caller.name, caller);
    for (const key of keys) {
      callerByHash.set(HASHED_KEY.exec(key)?.[1] ?? (await digests.sha256Hex(key)), caller);
    }
  }
  // Of right keys only, so no more than are configured. A map compares texts only where the whole
  // hash of both is the same, which is salted for each process: its time shows no part of a key.
  const callerByKey = new Map<string, Caller>();
  const keep = (key: string, digest: string): Caller | undefined => {
    const caller = callerByHash.get(digest);
    if (caller !== undefined) callerByKey.set(key, caller);
    return caller;
  };
  return {
    find: (key) => {
      const known = callerByKey.get(key);
      if (known !== undefined) return known;
      const digest = digests.sha256Hex(key);
      return digest instanceof Promise ? digest.then((hash) => keep(key, hash)) : keep(key, digest);
    },
    named: (name) => callerByName.get(name),
    verify,
  };
}

/** The key or token of `Authorization: Bearer <key>`, or undefined. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(authorization ?? '')?.[1];
}
