import { fail, type Result, succeed } from '../contract/index.ts';
import { REQUEST_BODY_BYTES_MAX } from './limits.ts';
import { ownFault } from './problem.ts';

/** The media types of a patch, as `Accept-Patch` lists them. */
export const ACCEPT_PATCH = 'application/merge-patch+json, application/json';

const PATCH_TYPE = /^application\/(?:merge-patch\+)?json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** Refuses bodies of another form: other media types and charsets, and compressed ones. */
export function checkMediaType(headers: Headers): Result<true> {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') {
    const detail = 'Compressed bodies are not taken: send the patch as it is.';
    return fail(ownFault('unsupported_media_type', detail));
  }
  if (PATCH_TYPE.test((headers.get('content-type') ?? '').trim())) return succeed(true);
  const detail = `The body must be ${ACCEPT_PATCH.replace(',', ' or')}, in UTF-8.`;
  return fail(ownFault('unsupported_media_type', detail));
}

/** The whole body as text, within `bytesMax`. */
export async function readBody(
  request: Request,
  bytesMax = REQUEST_BODY_BYTES_MAX,
): Promise<Result<string>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > bytesMax) return tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.length;
      if (bytes > bytesMax) return tooLarge(bytesMax);
      chunks.push(chunk);
    }
  } catch {
    return fail(ownFault('malformed_json', 'The body broke off before its end.'));
  }
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  try {
    return succeed(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(whole));
  } catch {
    return fail(ownFault('malformed_json', 'The body is not UTF-8.'));
  }
}

function tooLarge(bytesMax: number): Result<never> {
  const detail = `The body has more than ${bytesMax} bytes.`;
  return fail(ownFault('body_too_large', detail));
}
