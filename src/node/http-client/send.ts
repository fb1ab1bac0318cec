import type { Dispatcher } from 'undici';
import type { HttpRequest, HttpResponse } from '../../adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../../limits.ts';
import { bodyText, type Send, type Transport, type TransportFailure } from '../../ports.ts';
import { TARGET_LIMITS } from '../../upstream/target-limits.ts';
import { createTickBatcher } from '../event-loop-batch.ts';
import { USER_AGENT } from '../version.ts';
import { createPools, type PoolsOptions } from './connection-pools.ts';
import { decodeBody } from './decode-body.ts';
import { NO_PROXIES } from './proxy-environment.ts';

/** Transport for origins that belong to no target, such as those of issuers. */
export const CONNECTIONS_PER_ORIGIN_MAX = 64;
const PLAIN: Transport = {
  id: '',
  connectTimeoutMs: TARGET_LIMITS.connectTimeoutMs,
  connectionsMax: CONNECTIONS_PER_ORIGIN_MAX,
};

type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type UndiciSendOptions = Partial<PoolsOptions> & {
  /** Called with the name of a proxy that asks for other credentials. */
  readonly onProxyRefusal?: (proxy: string) => void;
};

export type UndiciSend = {
  readonly send: Send;
  /** Number of origins with connections, counted for each transport. */
  readonly pools: () => number;
  readonly close: () => Promise<void>;
};

/**
 * Sends over undici's pools. A request counts as sent from the moment a connection takes it, so
 * that only what waited for a connection is ever reported as never sent.
 */
export function createUndiciSend({
  onProxyRefusal = () => {},
  proxies = NO_PROXIES,
  ...options
}: UndiciSendOptions = {}): UndiciSend {
  const pools = createPools({ proxies, ...options });
  const atTurnEnd = createTickBatcher();
  return {
    send: (request, timeoutMs, transport = PLAIN, mayStillSend) =>
      new Promise((resolve) => {
        const pool = pools.enter(request.origin, transport);
        dispatch(pool.connections, request, { timeoutMs, mayStillSend }, (answer) => {
          pools.leave(pool);
          if (answer === PROXY_REFUSAL) onProxyRefusal(pool.proxy ?? '');
          atTurnEnd(() => resolve(answer));
        });
      }),
    pools: pools.count,
    close: pools.close,
  };
}

type DispatchOptions = {
  readonly timeoutMs: number;
  readonly mayStillSend: (() => boolean) | undefined;
};

/** Sends `request`, and calls `settle` with its answer, once. */
function dispatch(
  connections: Dispatcher,
  request: HttpRequest,
  { mayStillSend, timeoutMs }: DispatchOptions,
  settle: (answer: HttpResponse | TransportFailure) => void,
): void {
  let controller: Dispatcher.DispatchController | undefined;
  let sent = false;
  let settled = false;
  let status = 0;
  let headers: HttpResponse['headers'] = {};
  let bytes = 0;
  const chunks: Buffer[] = [];

  const end = (answer: HttpResponse | TransportFailure): void => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    settle(answer);
  };
  const fail = (failure: TransportFailure['failure'], reason: string): void => {
    end({ failure, sent, reason });
    controller?.abort(new Error(reason));
  };
  const timer = setTimeout(fail, timeoutMs, 'timeout', 'TIMEOUT');

  connections.dispatch(
    {
      origin: request.origin,
      method: request.method,
      path: request.path,
      // Without `accept-encoding` any coding would be acceptable.
      headers: {
        'user-agent': USER_AGENT,
        'accept-encoding': 'identity',
        ...request.headers,
      },
      body: request.body ?? null,
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    {
      onRequestStart: (started) => {
        controller = started;
        // A request that was given up while it waited for a connection must not go out later.
        if (settled) started.abort(new Error('TIMEOUT'));
        else if (mayStillSend?.() === false) fail('lease_lost', 'LEASE_LOST');
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
        const whole = wholeBody(chunks, bytes);
        const coding = headers['content-encoding'];
        if (coding === undefined) return end({ status, headers, body: bodyText(whole) });
        decodeBody(whole, coding, (body) => {
          if (body === undefined) fail('answer_too_large', 'ANSWER_TOO_LARGE');
          else end({ status, headers, body });
        });
      },
      onResponseError: (_, error) => {
        if (isProxyRefusal(error)) end(PROXY_REFUSAL);
        fail(sent ? 'reset' : 'connect', errorCodeOf(error));
      },
    },
  );
}

/** Header values as single strings; a repeated header keeps its first value. */
function singleHeaders(received: ReceivedHeaders): Record<string, string> {
  if (isSingle(received)) return received;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(received)) {
    const single = Array.isArray(value) ? value[0] : value;
    if (single !== undefined) headers[name] = single;
  }
  return headers;
}

/**
 * Reports whether no header is repeated: then the record, which is made anew each time, can be
 * kept.
 */
function isSingle(received: ReceivedHeaders): received is Record<string, string> {
  for (const name in received) if (typeof received[name] !== 'string') return false;
  return true;
}

/** The bytes of a body; most come in one chunk. */
function wholeBody(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
}

/** The answer of a proxy that wants other credentials: it passes nothing on. */
const PROXY_REFUSAL: HttpResponse = { status: 407, headers: {}, body: '' };

/** Reports whether a proxy asked for credentials, which undici says in words only. */
function isProxyRefusal(error: unknown): boolean {
  return error instanceof Error && /^Proxy .*\(407\)/.test(error.message);
}

/** The code of a network error; never its message, which may quote what was sent. */
function errorCodeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'ERROR';
}
