import type { HttpResponse } from './conversation.ts';
import { parseExact } from './exact-json.ts';
import type { Effect, Fault, UpstreamError } from './fault.ts';
import { FAULT_CODES, type FaultCode } from './fault-codes.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** Returns a vendor's response as a fault, whose detail is the meaning of `code`. */
export function vendorFault(
  code: FaultCode,
  response: HttpResponse,
  upstream: Omit<UpstreamError, 'status'> = {},
  effect: Effect = effectOf(response.status),
): Fault {
  const retryAfterSeconds = retryAfter(response);
  return {
    code,
    detail: FAULT_CODES[code].meaning,
    effect,
    upstream: { status: response.status, ...upstream },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/**
 * Returns the effect of a response to a write: a 4xx changed nothing; a success that is not
 * understood, a redirect (RFC 9110, 15.4.4: 303 follows a request that was processed) and a 5xx
 * may have.
 */
export function effectOf(status: number): Effect {
  return status >= 400 && status < 500 && status !== 408 ? 'none' : 'possible';
}

/** Returns the code for a status that the vendor's documents do not explain. */
export function codeOfStatus(status: number): FaultCode {
  if (status >= 200 && status < 300) return 'target_invalid_response';
  if (status >= 300 && status < 400) return 'target_misconfigured';
  switch (status) {
    case 401: // Unauthorized
      return 'target_unauthorized';
    case 403: // Forbidden
      return 'target_forbidden';
    case 404: // Not Found: of the path, unless the adapter knows that it means the profile
    case 405: // Method Not Allowed
    case 406: // Not Acceptable
    case 407: // Proxy Authentication Required
    case 415: // Unsupported Media Type
      return 'target_misconfigured';
    case 408: // Request Timeout
    case 504: // Gateway Timeout
      return 'target_timeout';
    case 409: // Conflict
      return 'conflict';
    case 429: // Too Many Requests
      return 'target_rate_limited';
    default:
      return status >= 400 && status < 500 ? 'rejected_by_target' : 'target_unavailable';
  }
}

export function isSuccess(response: HttpResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** Reports whether the response is a success without a body. */
export function isEmptySuccess(response: HttpResponse): boolean {
  return isSuccess(response) && response.body.trim() === '';
}

/** The body as a JSON object whatever its content type says, or undefined. */
export function bodyObject(
  response: HttpResponse,
  parse?: (text: string) => Json | undefined,
): JsonObject | undefined {
  const value = parse === undefined ? exactBody(response) : parse(response.body);
  return isObject(value) ? value : undefined;
}

const exactBodies = new WeakMap<HttpResponse, Json | undefined>();

/** Parses a body once, however often an adapter looks at it. */
function exactBody(response: HttpResponse): Json | undefined {
  if (!exactBodies.has(response)) exactBodies.set(response, parseExact(response.body));
  return exactBodies.get(response);
}

/** Longest `Retry-After` that is passed on, in seconds: a day. */
const RETRY_AFTER_SECONDS_MAX = 86_400;
/** `IMF-fixdate`, the form that senders must use (RFC 9110, 5.6.7). */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Returns `Retry-After` in seconds, rounded up and bounded; a date is measured against the vendor's
 * own `Date`. Undefined for any other form, which `Date.parse` would take as some year.
 */
function retryAfter(response: HttpResponse): number | undefined {
  const { date = '', 'retry-after': value = '' } = response.headers;
  const isDate = HTTP_DATE.test(value);
  const seconds = isDate
    ? (Date.parse(value) - Date.parse(date)) / 1000
    : /^\d{1,9}(?:\.\d{1,9})?$/.test(value)
      ? Number(value)
      : Number.NaN;
  if (!(seconds >= 0) || (isDate && seconds === 0)) return undefined;
  return Math.min(Math.ceil(seconds), RETRY_AFTER_SECONDS_MAX);
}

/** `{name: value}` when there is a value, for members that must be absent rather than undefined. */
export function optional<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });
}
