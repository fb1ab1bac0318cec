import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';
import { RESPONSE_BODY_BYTES_MAX } from '../../limits.ts';
import { bodyText, UNREADABLE_BODY } from '../../ports.ts';

type Decompress = (
  body: Buffer,
  options: ZlibOptions,
  done: (error: Error | null, result: unknown) => void,
) => void;

/** Content codings that are decoded though none is accepted. A body in any other is left as is. */
const CODINGS: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', brotliDecompress],
]);
const OPTIONS = { info: true, maxOutputLength: RESPONSE_BODY_BYTES_MAX };

/**
 * Passes the text of a whole body to `done`; undefined where it unfolds to more bytes than an
 * uncoded body may have. Only a coded body is decoded, off the event loop.
 */
export function decodeBody(
  body: Buffer,
  coding: string,
  done: (text: string | undefined) => void,
): void {
  const decompress = CODINGS.get(coding.toLowerCase());
  if (decompress === undefined || body.length === 0) {
    done(bodyText(body));
    return;
  }
  decompress(body, OPTIONS, (error, result) => {
    if (error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') done(undefined);
    // What follows the end of the coded bytes makes them no whole body.
    else if (!isUnfolded(result) || result.engine.bytesWritten < body.length) done(UNREADABLE_BODY);
    else done(bodyText(result.buffer));
  });
}

/** The result of a decompression with the option `info`, which Node's types do not have. */
type Unfolded = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

function isUnfolded(result: unknown): result is Unfolded {
  return typeof result === 'object' && result !== null && 'engine' in result;
}
