import type { HttpRequest, HttpResponse } from '../adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../limits.ts';
import { bodyText, type Send, type TransportFailure, UNREADABLE_BODY } from '../ports.ts';

/** Answers a request as `fetch` does; the global one, or a sandbox. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Sends through `fetch`, which does not report if a failed request had left: all its
 * failures count as sent. Redirects are answers like others, and no answer comes from a cache.
 */
export function createFetchSend(fetch: Fetch, userAgent = 'profile-gateway'): Send {
  return async (request, timeoutMs) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const response = await fetch(toRequest(request, userAgent, abort.signal));
      return await toResponse(response, abort);
    } catch (error) {
      const timedOut = abort.signal.aborted;
      const reason = timedOut ? 'TIMEOUT' : error instanceof Error ? error.name : 'ERROR';
      return { failure: timedOut ? 'timeout' : 'reset', sent: true, reason };
    } finally {
      clearTimeout(timer);
    }
  };
}

function toRequest(
  { body, headers, method, origin, path }: HttpRequest,
  userAgent: string,
  signal: AbortSignal,
) {
  return new Request(origin + path, {
    method,
    headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
    redirect: 'manual',
    cache: 'no-store',
    signal,
    ...(body === undefined ? {} : { body }),
  });
}

/** Content codings that `fetch` leaves to its caller. */
const FORMATS: ReadonlyMap<string, 'deflate' | 'gzip'> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

async function toResponse(
  response: Response,
  abort: AbortController,
): Promise<HttpResponse | TransportFailure> {
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  const coding = headers['content-encoding'];
  // workerd decodes only the codings that are written like this.
  const format = coding === 'gzip' ? undefined : FORMATS.get(coding?.toLowerCase() ?? '');
  const source = response.body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    const stream = format && source?.pipeThrough(new DecompressionStream(format));
    for await (const chunk of stream ?? source ?? []) {
      bytes += chunk.length;
      if (bytes > RESPONSE_BODY_BYTES_MAX) {
        abort.abort();
        return { failure: 'answer_too_large', sent: true, reason: 'ANSWER_TOO_LARGE' };
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (coding === undefined || abort.signal.aborted) throw error;
    const isEmpty = headers['content-length'] === '0';
    return { status, headers, body: isEmpty ? '' : UNREADABLE_BODY };
  }
  const body = bodyText(await new Blob(chunks).bytes());
  return { status, headers, body };
}
