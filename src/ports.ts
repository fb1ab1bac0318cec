import type { Digests, HttpRequest, HttpResponse } from './adapter-kit/index.ts';
import type { Clock } from './state/clock.ts';
import type { StateStore } from './state/state-store.ts';
import type { LogLevel, LogRecord } from './telemetry/log.ts';
import type { Meter } from './telemetry/metrics.ts';
import type { Span, Tracer } from './telemetry/tracing.ts';

/** Failure of a request without a complete response. */
export type TransportFailure = {
  readonly failure: 'connect' | 'timeout' | 'reset' | 'answer_too_large' | 'lease_lost';
  /** True if any byte may have reached the target; false only when that is sure. */
  readonly sent: boolean;
  /** For the log: an error code such as `ECONNREFUSED`, no text of others. */
  readonly reason: string;
};

/** Transport options of a target; a runtime ignores what it cannot choose. */
export type Transport = {
  /** Requests with the same id may share connections. */
  readonly id: string;
  /** Longest wait for a connection, its handshakes included. */
  readonly connectTimeoutMs: number;
  /** Most connections to each origin. */
  readonly connectionsMax: number;
  /** PEM certificates of the authorities trusted instead of the public ones. */
  readonly ca?: string;
};

/**
 * Sends one request and buffers its response; never follows a redirect, never throws. The body is
 * decoded from gzip and deflate, has no byte order mark, and is `UNREADABLE_BODY` where its coding
 * is broken or it is not UTF-8. `mayStillSend` is asked at the last moment before bytes leave;
 * where it returns false, none does, and the failure is `lease_lost`.
 */
export type Send = (
  request: HttpRequest,
  timeoutMs: number,
  transport?: Transport,
  mayStillSend?: () => boolean,
) => Promise<HttpResponse | TransportFailure>;

/**
 * Passes each chunk of a request's body to `take` until that returns false; resolves to false if
 * the body broke off. `bindings` are the entry's own. Undefined: the runtime has nothing quicker
 * than the `Request`.
 */
export type ReadChunks = (
  bindings: unknown,
  take: (chunk: Uint8Array) => boolean,
) => Promise<boolean> | undefined;

/** Headers that a runtime has parsed, by their names in lower case. */
export type PlainHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** All that is impure, given by the entry of each runtime. */
export type Ports = Clock & {
  readonly send: Send;
  /** Absent: the body is read from the `Request`. */
  readonly readChunks?: ReadChunks;
  /**
   * Returns what `Request.headers` would contain, where the runtime has it without making that.
   * Absent, or undefined for a request: it has not.
   */
  readonly headersOf?: (bindings: unknown) => PlainHeaders | undefined;
  /** 0 to below 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Keeps the request alive for work beside its response; absent: nothing stops such work. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  readonly digests: Digests;
  readonly state: StateStore;
  /** Secret that signs the cursors of lists, where several processes accept each other's. */
  readonly cursorKey?: string | undefined;
  /** Forwards a write to the only writer of the profile `key`; absent: this process is it. */
  readonly handOver?: ((key: string, request: Request) => Promise<Response>) | undefined;
  /** Requests come from a front that has counted them against the rates of their callers. */
  readonly isBehindFront?: boolean;
  readonly log: (record: LogRecord) => void;
  /** Least level that is logged; absent: that of the configuration. */
  readonly logLevel?: LogLevel | undefined;
  /** Absent: nothing is counted. */
  readonly meter?: Meter | undefined;
  /** Absent: traces are neither begun nor passed on. */
  readonly tracer?: Tracer | undefined;
  /** The request of a caller that these ports work for; see `portsOf`. */
  readonly span?: Span | undefined;
  /** Total time for one request of a caller. */
  readonly deadlineMs: number;
};

/** Body of an answer that no text can be made of; no JSON, so that nobody reads it as such. */
export const UNREADABLE_BODY = '(unreadable)';

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Returns the text of a body without its byte order mark; `UNREADABLE_BODY` if it is not UTF-8. */
export function bodyText(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return UNREADABLE_BODY;
  }
}

export function isFailure(answer: HttpResponse | TransportFailure): answer is TransportFailure {
  return 'failure' in answer;
}
