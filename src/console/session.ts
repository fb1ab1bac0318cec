import { decodeBase64Url, encodeBase64Url } from 'hono/utils/encode';
import * as z from 'zod/mini';
import { parsePlain } from '../adapter-kit/index.ts';

/** A session of the console; the whole of it is in the cookie, sealed. */
export type ConsoleSession = {
  /** Key or token of the caller who has signed in; absent: nobody has. */
  readonly credential?: string;
  /** Stands in each form, so that no other page can send one. */
  readonly csrf: string;
  readonly endsAtMs: number;
};

const sessionSchema = z.object({
  credential: z.exactOptional(z.string()),
  csrf: z.string(),
  endsAtMs: z.number(),
});

/** Encrypts sessions with one key, and opens what it has encrypted. */
export type SessionSealer = {
  readonly seal: (session: ConsoleSession) => Promise<string>;
  /** Resolves to undefined where the text was not sealed with this key, or was altered. */
  readonly open: (text: string) => Promise<ConsoleSession | undefined>;
};

const SESSION_IV_BYTES = 12;
const CSRF_BYTES = 24;
const CIPHER = 'AES-GCM';
/** Bound to every sealed text: what is sealed for another purpose is no session. */
const PURPOSE = new TextEncoder().encode('profile-gateway console session 1');

/** Creates the sealer of a key of any length, which should be random. */
export async function createSessionSealer(sessionKey: string): Promise<SessionSealer> {
  const text = new TextEncoder().encode(sessionKey);
  const material = await crypto.subtle.importKey('raw', text, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: PURPOSE };
  const cipher = { name: CIPHER, length: 256 };
  const usages = ['encrypt', 'decrypt'] as const;
  const key = await crypto.subtle.deriveKey(derivation, material, cipher, false, [...usages]);
  return {
    seal: async (session) => {
      const iv = crypto.getRandomValues(new Uint8Array(SESSION_IV_BYTES));
      const plain = new TextEncoder().encode(JSON.stringify(session));
      const options = { name: CIPHER, iv, additionalData: PURPOSE };
      const sealed = new Uint8Array(await crypto.subtle.encrypt(options, key, plain));
      const whole = new Uint8Array(SESSION_IV_BYTES + sealed.length);
      whole.set(iv);
      whole.set(sealed, SESSION_IV_BYTES);
      return encodeBase64Url(whole.buffer);
    },
    open: async (sealed) => {
      try {
        const whole = new Uint8Array(decodeBase64Url(sealed));
        const iv = whole.subarray(0, SESSION_IV_BYTES);
        const options = { name: CIPHER, iv, additionalData: PURPOSE };
        const plain = await crypto.subtle.decrypt(options, key, whole.subarray(SESSION_IV_BYTES));
        return sessionSchema.safeParse(parsePlain(new TextDecoder().decode(plain))).data;
      } catch {
        return undefined;
      }
    },
  };
}

/** Returns a session that begins now, with a token of its own for its forms. */
export function newSession(endsAtMs: number, credential?: string): ConsoleSession {
  const csrf = encodeBase64Url(crypto.getRandomValues(new Uint8Array(CSRF_BYTES)).buffer);
  return { csrf, endsAtMs, ...(credential === undefined ? {} : { credential }) };
}
