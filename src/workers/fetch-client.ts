import type { HttpRequest, HttpResponse } from '../adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../limits.ts';
import type { Send, TransportFailure } from '../ports.ts';

/** Answers a request as `fetch` does; the global one, or a sandbox. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Sends through `fetch`, which does not tell whether a request that failed had left: all its
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
    headers: { 'user-agent': userAgent, ...headers },
    redirect: 'manual',
    cache: 'no-store',
    signal,
    ...(body === undefined ? {} : { body }),
  });
}

async function toResponse(
  response: Response,
  abort: AbortController,
): Promise<HttpResponse | TransportFailure> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > RESPONSE_BODY_BYTES_MAX) {
      abort.abort();
      return { failure: 'answer_too_large', sent: true, reason: 'ANSWER_TOO_LARGE' };
    }
    chunks.push(chunk);
  }
  const decoder = new TextDecoder();
  const body = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: body + decoder.decode(),
  };
}
