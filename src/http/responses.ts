import type { Context } from 'hono';
import { FAULT_CODES, type Fault, ownFault } from '../adapter-kit/index.ts';
import { cleanFault } from '../telemetry/redactor.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { JSON_TYPE, PROBLEM_TYPE, type ProblemContext, problemOf } from './problem-details.ts';
import { addLogFields } from './request-telemetry.ts';

/** Sets a header of the response, whatever it will be. */
export function setResponseHeader(c: Context, name: string, value: string): void {
  c.get('state').responseHeaders[name] = value;
}

/** Creates the response, with all headers that were set before. */
export function respond(
  c: Context,
  status: number,
  type: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
): Response {
  const { responseHeaders: headers } = c.get('state');
  headers['Content-Type'] = type;
  return new Response(body, { status, headers });
}

/** Creates a response without a body. */
export function emptyAnswer(c: Context, status: 204 | 304): Response {
  return new Response(null, { status, headers: c.get('state').responseHeaders });
}

/** Creates a problem response. All problems pass here, so a vendor's text is cleaned here. */
export function respondProblem(
  c: Context,
  fault: Fault,
  context: Omit<ProblemContext, 'requestId'> = {},
  exchange?: Exchange,
): Response {
  const cleaned = cleanFault(fault, exchange?.redactor);
  const body = problemOf(cleaned, { requestId: c.get('state').requestId, ...context });
  addLogFields(c, { code: fault.code });
  if (fault.retryAfterSeconds !== undefined) {
    setResponseHeader(c, 'Retry-After', String(fault.retryAfterSeconds));
  }
  return respond(c, FAULT_CODES[fault.code].status, PROBLEM_TYPE, JSON.stringify(body));
}

/** Responds to a bug. Only the error's name is logged: its message may quote anything. */
export function respondInternalError(error: unknown, c: Context): Response {
  addLogFields(c, { message: error instanceof Error ? error.name : 'error' });
  return respondProblem(
    c,
    ownFault('internal_error', 'The gateway failed; search its log for the request id.'),
  );
}

/** Creates a JSON response; exact numbers keep their text. */
export function jsonText(c: Context, body: unknown): Response {
  return jsonAnswer(c, JSON.stringify(body));
}

/** Creates a JSON response from JSON text. */
export function jsonAnswer(c: Context, text: string): Response {
  return respond(c, 200, JSON_TYPE, text);
}
