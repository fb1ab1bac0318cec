import type { Dispatcher } from 'undici';
import type { HttpRequest, HttpResponse } from '../contract/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from './limits.ts';
import { createPools, type PoolsOptions } from './pools.ts';
import type { Send, Transport, TransportFailure } from './ports.ts';
import { NO_PROXIES } from './proxy.ts';
import { TARGET_LIMITS } from './target-limits.ts';

/** How origins are reached of which no target says anything, such as those of issuers. */
export const CONNECTIONS_PER_ORIGIN_MAX = 64;
const PLAIN: Transport = {
  id: '',
  connectTimeoutMs: TARGET_LIMITS.connectTimeoutMs,
  connectionsMax: CONNECTIONS_PER_ORIGIN_MAX,
};

export type UndiciSend = {
  readonly send: Send;
  /** How many origins have connections, once for each transport. */
  readonly pools: () => number;
  readonly close: () => Promise<void>;
};

/**
 * Sends over undici's pools. A request counts as sent from the moment a connection takes it, so
 * that only what waited for a connection is ever told as never sent.
 */
export function createUndiciSend({
  proxies = NO_PROXIES,
  ...options
}: Partial<PoolsOptions> = {}): UndiciSend {
  const pools = createPools({ proxies, ...options });
  return {
    send: (request, timeoutMs, transport = PLAIN) =>
      pools.use(request.origin, transport, (connections) =>
        dispatch(connections, request, timeoutMs),
      ),
    pools: pools.count,
    close: pools.close,
  };
}

function dispatch(
  connections: Dispatcher,
  request: HttpRequest,
  timeoutMs: number,
): Promise<HttpResponse | TransportFailure> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let sent = false;
    let settled = false;
    let status = 0;
    let headers: Record<string, string> = {};
    let bytes = 0;
    const chunks: Buffer[] = [];

    const fail = (failure: TransportFailure['failure'], reason: string): void => {
      settled = true;
      clearTimeout(timer);
      resolve({ failure, sent, reason });
      controller?.abort(new Error(reason));
    };
    const timer = setTimeout(() => fail('timeout', 'TIMEOUT'), timeoutMs);

    connections.dispatch(
      {
        origin: request.origin,
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: request.body ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart: (started) => {
          controller = started;
          // A request that was given up while it waited for a connection must not go out later.
          if (settled) started.abort(new Error('TIMEOUT'));
          else sent = true;
        },
        onResponseStart: (_, statusCode, received) => {
          status = statusCode;
          headers = singleHeaders(received);
        },
        onResponseData: (_, chunk) => {
          bytes += chunk.length;
          if (bytes > RESPONSE_BODY_BYTES_MAX) fail('answer_too_large', 'ANSWER_TOO_LARGE');
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          clearTimeout(timer);
          resolve({ status, headers, body: Buffer.concat(chunks, bytes).toString('utf8') });
        },
        onResponseError: (_, error) => {
          fail(sent ? 'reset' : 'connect', codeOf(error));
        },
      },
    );
  });
}

/** Header values as single strings; a repeated header keeps its first value. */
function singleHeaders(received: Record<string, string | string[] | undefined>) {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(received)) {
    const single = Array.isArray(value) ? value[0] : value;
    if (single !== undefined) headers[name] = single;
  }
  return headers;
}

/** The code of a network error; never its message, which may quote what was sent. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'ERROR';
}
