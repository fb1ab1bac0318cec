import type { Socket } from 'node:net';
import { INFORMATIONAL_BYTES_MAX } from '../../limits.ts';

/** The part of a socket that passes bytes on. */
type ByteStream = Pick<Socket, 'destroy' | 'push' | 'write'>;
type Chunk = Buffer | null;
type WriteEnded = (error?: Error | null) => void;

/** Place of the first digit of the status in a response, and `1` as a byte. */
const STATUS_AT = 'HTTP/1.1 '.length;
const ONE = 0x31;
/** Start of an informational response; a 101 is none, for the protocol changes after it. */
const INFORMATIONAL = /^HTTP\/1\.\d 1(?!01)/;
const START_BYTES = 'HTTP/1.1 100'.length;
const HEAD_END = '\r\n\r\n';
const NO_BYTES = Buffer.alloc(0);

/**
 * Drops the informational responses before the response to each request. A client has to accept
 * them unasked (RFC 9110, 15.2), but undici breaks the connection at a 100. A response begins with
 * the first bytes after a request was written, as each connection has one request at a time.
 */
export function dropInformational(connection: ByteStream): void {
  const push = connection.push.bind(connection);
  const write = connection.write.bind(connection);
  let isAwaited = false;
  /** Bytes of a head that is not whole yet. */
  let held: Buffer = NO_BYTES;
  let droppedBytes = 0;

  /** Returns what comes after the whole informational heads in `bytes`. */
  const afterInformational = (bytes: Buffer): Buffer => {
    let rest = bytes;
    while (INFORMATIONAL.test(rest.toString('latin1', 0, START_BYTES))) {
      const end = rest.indexOf(HEAD_END, 0, 'latin1');
      if (end < 0) break;
      droppedBytes += end + HEAD_END.length;
      rest = rest.subarray(end + HEAD_END.length);
    }
    return rest;
  };
  const receive = (chunk: Buffer): boolean => {
    const rest = afterInformational(held === NO_BYTES ? chunk : Buffer.concat([held, chunk]));
    const isPartial = rest.length < START_BYTES;
    if (!isPartial && !INFORMATIONAL.test(rest.toString('latin1', 0, START_BYTES))) {
      isAwaited = false;
      held = NO_BYTES;
      return push(rest);
    }
    held = rest;
    if (droppedBytes + held.length > INFORMATIONAL_BYTES_MAX) {
      connection.destroy(new TooManyInformational());
    }
    return true;
  };

  Object.assign(connection, {
    push: (chunk: Chunk, encoding?: BufferEncoding): boolean => {
      if (!isAwaited || chunk === null) return push(chunk, encoding);
      if (held === NO_BYTES && chunk.length >= START_BYTES && chunk[STATUS_AT] !== ONE) {
        isAwaited = false;
        return push(chunk, encoding);
      }
      return receive(chunk);
    },
    write: (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | WriteEnded,
      written?: WriteEnded,
    ): boolean => {
      isAwaited = true;
      droppedBytes = 0;
      return typeof encoding === 'function'
        ? write(chunk, encoding)
        : write(chunk, encoding, written);
    },
  });
}

/** The informational responses before a response are longer than `INFORMATIONAL_BYTES_MAX`. */
class TooManyInformational extends Error {
  override name = 'TooManyInformational';
  readonly code = 'TOO_MANY_INFORMATIONAL';
}
