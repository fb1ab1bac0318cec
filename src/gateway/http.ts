import type { Context } from 'hono';
import { type Fault, STATUS_OF_CODE } from '../contract/index.ts';
import type { AccessPorts } from './access.ts';
import type { Caller } from './callers.ts';
import type { Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import type { LogRecord } from './log.ts';
import { PROBLEM_TYPE, type ProblemContext, problemOf } from './problem.ts';
import { cleanFault } from './redact.ts';
import type { Resolved } from './resolve.ts';

/** What the parts of one request share. */
declare module 'hono' {
  interface ContextVariableMap {
    /** Names the request in its answer and in the log. */
    requestId: string;
    /** Of the answer, whatever it will be: a plain record costs 6 µs less than `Headers`. */
    headers: Record<string, string>;
    /** The version of the configuration that this request began with. */
    gateway: Gateway;
    /** Unix milliseconds at which the request came. */
    startMs: number;
    access: AccessPorts;
    /** Undefined: everybody may call. */
    caller: Caller | undefined;
    /** Another place has answered the request, and has logged it. */
    isHandedOver: boolean | undefined;
    /** What the one log line of the request will tell. */
    record: RequestRecord;
  }
}

/** A log line in the making. */
export type RequestRecord = { -readonly [K in keyof LogRecord]: LogRecord[K] };

/**
 * The line of a request, with all its members from the start: one that grows by and by in many
 * orders makes all code slow that reads it, by 5 µs for each request.
 */
export function newRecord(requestId: string, traceId: string | undefined): RequestRecord {
  return {
    level: 'info',
    event: 'request',
    requestId,
    traceId,
    method: undefined,
    status: undefined,
    version: undefined,
    caller: undefined,
    id: undefined,
    pointers: undefined,
    target: undefined,
    rule: undefined,
    steps: undefined,
    upstreamMs: undefined,
    evidence: undefined,
    outcome: undefined,
    unconfirmed: undefined,
    losses: undefined,
    code: undefined,
    reason: undefined,
    message: undefined,
    durationMs: undefined,
  };
}

/** Adds to the request's log line. */
export function note(c: Context, more: Partial<LogRecord>): void {
  Object.assign(c.get('record'), more);
}

/** Adds a header to whatever the request will be answered with. */
export function header(c: Context, name: string, value: string): void {
  c.get('headers')[name] = value;
}

/** Makes the answer, with all headers that were added before. */
export function answer(c: Context, status: number, type: string, text: string): Response {
  header(c, 'Content-Type', type);
  return new Response(text, { status, headers: c.get('headers') });
}

/** An answer without a body. */
export function emptyAnswer(c: Context, status: 204 | 304): Response {
  return new Response(null, { status, headers: c.get('headers') });
}

/** Answers with a problem. A vendor's words are cleaned here, on the only way out. */
export function problem(
  c: Context,
  fault: Fault,
  context: Omit<ProblemContext, 'requestId'> = {},
  exchange?: Exchange,
): Response {
  const cleaned = cleanFault(fault, exchange?.target.redactor);
  const body = problemOf(cleaned, { requestId: c.get('requestId'), ...context });
  note(c, { code: fault.code });
  if (fault.retryAfterSeconds !== undefined) {
    header(c, 'Retry-After', String(fault.retryAfterSeconds));
  }
  return answer(c, STATUS_OF_CODE[fault.code], PROBLEM_TYPE, JSON.stringify(body));
}

/** Tells how the exchange went, in headers and for the log. */
export function traceExchange(c: Context, exchange: Exchange | undefined): void {
  if (exchange === undefined) return;
  let upstreamMs = 0;
  for (const step of exchange.steps) upstreamMs += step.durationMs;
  const totalMs = exchange.ports.now() - c.get('startMs');
  const gatewayMs = Math.max(0, totalMs - upstreamMs);
  header(c, 'Server-Timing', `gateway;dur=${gatewayMs}, upstream;dur=${upstreamMs}`);
  if (exchange.sandbox) header(c, 'X-Gateway-Sandbox', '1');
  const record = c.get('record');
  record.steps = exchange.steps;
  record.upstreamMs = upstreamMs;
  record.target = exchange.target.name;
}

/** A JSON answer whose exact numbers keep their text. */
export function jsonText(c: Context, body: unknown): Response {
  return answer(c, 200, 'application/json', JSON.stringify(body));
}

/** Adds the target, and the rule that chose it, to the request's log line. */
export function noteRoute(c: Context, { rule, target }: Resolved): void {
  const record = c.get('record');
  record.target = target.name;
  record.rule = rule;
}
