import type { Digests } from '../contract/index.ts';

export const SCOPES = ['profiles:read', 'profiles:write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A service that calls the gateway. */
export type Caller = { readonly name: string; readonly scopes: ReadonlySet<Scope> };

/** Finds the caller of an API key. */
export type CallerBook = {
  readonly find: (key: string) => Promise<Caller | undefined>;
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
): Promise<CallerBook> {
  const known: { readonly caller: Caller; readonly hash: string }[] = [];
  for (const { caller, keys } of callers) {
    for (const key of keys) {
      known.push({ caller, hash: HASHED_KEY.exec(key)?.[1] ?? (await digests.sha256Hex(key)) });
    }
  }
  return {
    find: async (key) => {
      const digest = digests.sha256Hex(key);
      const hash = digest instanceof Promise ? await digest : digest;
      let found: Caller | undefined;
      for (const entry of known) {
        if (equalInConstantTime(entry.hash, hash)) found = entry.caller;
      }
      return found;
    },
  };
}

function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The key of `Authorization: Bearer <key>`, or undefined. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1];
}
