import type { IdempotencyKey } from '../state/state-database.ts';

/** Encrypts answers for whoever knows the idempotency key of a caller, and for nobody else. */
export type Sealer = {
  readonly seal: (text: string) => Promise<string>;
  /** Returns the text; undefined where it was sealed with another key or for another request. */
  readonly open: (sealed: string) => Promise<string | undefined>;
};

const ALGORITHM = 'AES-GCM';
const KEY_BITS = 256;
/** Length of an initialisation vector, which is random: few answers are sealed with one key. */
const IV_BYTES = 12;

const utf8Encoder = new TextEncoder();
/** As the runtime's own types have it. */
type Bytes = ReturnType<typeof utf8Encoder.encode>;

/**
 * Creates the sealer of one request: AES-256-GCM under a key that HKDF-SHA-256 derives from the
 * caller's own `secret`. Caller, id and fingerprint are bound to it.
 */
export function createSealer(
  secret: string,
  { caller, fingerprint, id }: Pick<IdempotencyKey, 'caller' | 'fingerprint' | 'id'>,
): Sealer {
  const salt = utf8Encoder.encode(JSON.stringify(['profile-gateway', 1, caller, id]));
  const info = utf8Encoder.encode(fingerprint);
  let deriving: ReturnType<typeof deriveKey> | undefined;
  const key = () => {
    deriving ??= deriveKey(secret, salt, info);
    return deriving;
  };
  return {
    seal: async (text) => {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const bytes = utf8Encoder.encode(text);
      const cipher = await crypto.subtle.encrypt({ name: ALGORITHM, iv }, await key(), bytes);
      return toBase64(iv, new Uint8Array(cipher));
    },
    open: async (sealed) => {
      const bytes = fromBase64(sealed);
      if (bytes === undefined || bytes.length <= IV_BYTES) return undefined;
      const iv = bytes.subarray(0, IV_BYTES);
      try {
        const parameters = { name: ALGORITHM, iv };
        const cipher = bytes.subarray(IV_BYTES);
        return new TextDecoder().decode(
          await crypto.subtle.decrypt(parameters, await key(), cipher),
        );
      } catch {
        return undefined;
      }
    },
  };
}

async function deriveKey(secret: string, salt: Bytes, info: Bytes) {
  const material = await crypto.subtle.importKey('raw', utf8Encoder.encode(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info };
  const algorithm = { name: ALGORITHM, length: KEY_BITS };
  return crypto.subtle.deriveKey(derivation, material, algorithm, false, ['encrypt', 'decrypt']);
}

/** Most bytes that one call turns into characters: each is an argument of it. */
const ARGUMENTS_MAX = 8192;

function toBase64(...parts: readonly Uint8Array[]): string {
  const texts: string[] = [];
  for (const part of parts) {
    for (let at = 0; at < part.length; at += ARGUMENTS_MAX) {
      texts.push(String.fromCharCode(...part.subarray(at, at + ARGUMENTS_MAX)));
    }
  }
  return btoa(texts.join(''));
}

function fromBase64(base64: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
