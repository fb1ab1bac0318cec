import type { Digests } from '../adapter-kit/index.ts';
import { createLru } from '../state/lru.ts';

type HmacKey = Awaited<ReturnType<typeof importHmacKey>>;

/** Most imported keys that are kept; one per configured secret is enough. */
export const HMAC_KEYS_MAX = 64;

/**
 * Digests by Web Crypto, for runtimes without synchronous ones. Caches `HMAC_KEYS_MAX` imported
 * keys. The runtime rejects an empty key.
 */
export function createWebDigests(): Digests {
  const encoder = new TextEncoder();
  const keys = createLru<HmacKey>(HMAC_KEYS_MAX);

  async function hmacKey(secret: string): Promise<HmacKey> {
    const known = keys.get(secret);
    if (known !== undefined) return known;
    const key = await importHmacKey(encoder.encode(secret));
    keys.set(secret, key);
    return key;
  }

  return {
    sha256Hex: async (text) =>
      hex(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))),
    hmacSha256: async (secret, text, form) => {
      const key = await hmacKey(secret);
      const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
      return form === 'hex' ? hex(mac) : btoa(String.fromCharCode(...mac));
    },
  };
}

function importHmacKey(secret: Uint8Array) {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
