import type { Digests, MaybePromise } from '../contract/index.ts';
import type { TokenVerifier } from './jwt.ts';
import type { Pattern } from './pattern.ts';
import type { Rate } from './rate-limit.ts';

export const SCOPES = ['profiles:read', 'profiles:write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A service that calls the gateway, and what it may do. */
export type Caller = {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The names of targets that it may use; undefined: all. */
  readonly targets?: readonly Pattern[] | undefined;
  /** Pointers below which it may write; undefined: everything but sensitive fields. */
  readonly fields?: readonly string[] | undefined;
  /** Undefined: as often as it likes. */
  readonly rate?: Rate | undefined;
  /** Undefined: what every caller may send. */
  readonly bodyBytesMax?: number | undefined;
};

/** Finds callers by what their requests carry. */
export type CallerBook = {
  /** The caller of an API key. */
  readonly find: (key: string) => MaybePromise<Caller | undefined>;
  /** Judges signed tokens; undefined where no caller uses them. */
  readonly verify: TokenVerifier | undefined;
};

/** The form in which a configuration may hold a key without its text. */
const HASHED_KEY = /^sha256:([0-9a-f]{64})$/;

export type CallerKeys = { readonly caller: Caller; readonly keys: readonly string[] };

/**
 * Keys are compared by their SHA-256, all of them and in full each time, so that neither the place
 * of a key nor how much of it was right shows in the time it takes.
 */
export async function createCallerBook(
  callers: readonly CallerKeys[],
  digests: Digests,
  verify?: TokenVerifier,
): Promise<CallerBook> {
  const known: { readonly caller: Caller; readonly hash: string }[] = [];
  for (const { caller, keys } of callers) {
    for (const key of keys) {
      known.push({ caller, hash: HASHED_KEY.exec(key)?.[1] ?? (await digests.sha256Hex(key)) });
    }
  }
  const findHash = (hash: string): Caller | undefined => {
    let found: Caller | undefined;
    for (const entry of known) {
      if (equalInConstantTime(entry.hash, hash)) found = entry.caller;
    }
    return found;
  };
  return {
    find: (key) => {
      const digest = digests.sha256Hex(key);
      return digest instanceof Promise ? digest.then(findHash) : findHash(digest);
    },
    verify,
  };
}

function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The key or token of `Authorization: Bearer <key>`, or undefined. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(authorization ?? '')?.[1];
}
