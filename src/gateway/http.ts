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

/** What the parts of one request share, besides hono's own `requestId`. */
declare module 'hono' {
  interface ContextVariableMap {
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
    record: Partial<LogRecord>;
  }
}

/** Adds to the request's log line. */
export function note(c: Context, more: Partial<LogRecord>): void {
  c.set('record', { ...c.get('record'), ...more });
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
    c.header('Retry-After', String(fault.retryAfterSeconds));
  }
  c.header('Content-Type', PROBLEM_TYPE);
  return c.body(JSON.stringify(body), STATUS_OF_CODE[fault.code]);
}

/** Tells how the exchange went, in headers and for the log. */
export function traceExchange(c: Context, exchange: Exchange | undefined): void {
  if (exchange === undefined) return;
  const upstreamMs = exchange.steps.reduce((sum, step) => sum + step.durationMs, 0);
  const totalMs = exchange.ports.now() - c.get('startMs');
  const gatewayMs = Math.max(0, totalMs - upstreamMs);
  c.header('Server-Timing', `gateway;dur=${gatewayMs}, upstream;dur=${upstreamMs}`);
  if (exchange.sandbox) c.header('X-Gateway-Sandbox', '1');
  note(c, { steps: exchange.steps, upstreamMs, target: exchange.target.name });
}

/** A JSON answer whose exact numbers keep their text. */
export function jsonText(c: Context, body: unknown): Response {
  c.header('Content-Type', 'application/json');
  return c.body(JSON.stringify(body));
}

/** Adds the target, and the rule that chose it, to the request's log line. */
export function noteRoute(c: Context, { rule, target }: Resolved): void {
  note(c, { target: target.name, ...(rule === undefined ? {} : { rule }) });
}
