/** The bytes of a request's body, up to the bound that they were read with. */
export type RequestBody = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The body has more bytes, which were not read. */
  readonly isTooLarge: boolean;
};

/** Reads at most `bytesMax` bytes of a body; what is above that is never held in memory. */
export async function readBody(request: Request, bytesMax: number): Promise<RequestBody> {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  let isTooLarge = false;
  for await (const chunk of request.body ?? []) {
    const room = bytesMax - byteLength;
    isTooLarge = chunk.byteLength > room;
    chunks.push(isTooLarge ? chunk.subarray(0, room) : chunk);
    byteLength += Math.min(chunk.byteLength, room);
    if (isTooLarge) break;
  }
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return { bytes, isTooLarge };
}

/** Decodes strict UTF-8, a byte order mark kept; undefined where the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
