import { createHmac, hash } from 'node:crypto';
import type { Digests } from '../adapter-kit/index.ts';

/** Digests by Node's own crypto: synchronous, so that signing costs no turn of the event loop. */
export const nodeDigests: Digests = {
  sha256Hex: (text) => hash('sha256', text, 'hex'),
  hmacSha256: (key, text, form) =>
    BYTES_OF_UNIT_MAX * text.length > TEXT_BYTES_MAX
      ? createHmac('sha256', key).update(text, 'utf8').digest(form)
      : hmacOfShort(padsOf(key), text, form),
};

/** Most bytes of UTF-8 that one unit of UTF-16 becomes. */
const BYTES_OF_UNIT_MAX = 3;
/** Longest text that has room behind a pad; what is signed of a request is shorter. */
const TEXT_BYTES_MAX = 1024;
/** The bytes that SHA-256 takes at once, and those that it gives. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Most keys that are kept ready; one per configured secret is enough. */
const KEYS_MAX = 64;

/** A key as RFC 2104 lays it in front of what is hashed, with room for that. */
type Pads = { readonly inner: Buffer; readonly outer: Buffer };

const ready = new Map<string, Pads>();

function padsOf(key: string): Pads {
  const known = ready.get(key);
  if (known !== undefined) return known;
  const bytes = Buffer.from(key, 'utf8');
  const short = bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes;
  const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_MAX);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    inner[i] = (short[i] ?? 0) ^ 0x36;
    outer[i] = (short[i] ?? 0) ^ 0x5c;
  }
  if (ready.size >= KEYS_MAX) ready.clear();
  ready.set(key, { inner, outer });
  return { inner, outer };
}

/** By two hashes, one inside the other: 0.7 µs, where making an `Hmac` takes it to 1.4. */
function hmacOfShort({ inner, outer }: Pads, text: string, form: 'base64' | 'hex'): string {
  const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'utf8');
  outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
  return hash('sha256', outer, form);
}
