const encoder = new TextEncoder();
// A text may begin with U+FEFF, which is part of it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Returns a text as UTF-8. */
export function textBytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Reads a text after its length. */
export function readText(bytes: Uint8Array, at: number): string {
  return decoder.decode(bytes.subarray(at + 2, at + 2 + readLength(bytes, at)));
}

/** Writes a text after its length; where it ends. */
export function writeText(bytes: Uint8Array, at: number, text: string): number {
  const { written } = encoder.encodeInto(text, bytes.subarray(at + 2));
  writeLength(bytes, at, written);
  return at + 2 + written;
}

/** Writes a length as two bytes. */
export function writeLength(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}

/** Reads a length of two bytes. */
export function readLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** 32 bits of which the lowest, which choose the slot, depend on every byte. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
