import type { Context } from 'hono';
import { CORS_HEADERS_CHARACTERS_MAX } from '../../limits.ts';
import { HEADERS } from '../openapi/headers.ts';
import { CALLER_PATHS } from '../paths.ts';
import { setResponseHeader } from '../responses.ts';

/** Every header that the API document has, and those of lists and of new profiles. */
const EXPOSED = [...new Set([...Object.keys(HEADERS), 'Link', 'Location'])].join(', ');

/** Time for which a browser keeps the answer to a preflight. */
const PREFLIGHT_AGE_SECONDS = 600;

/** Names of headers, as a browser sends them. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?:, *[\w!#$%&'*+.^`|~-]+)*$/;

/**
 * Lets a page of one of `origins` read the response (Fetch, CORS protocol), at the paths of callers
 * only. Credentials of the browser are never allowed: callers send a key or a token themselves.
 */
export function allowOrigin(c: Context, origins: ReadonlySet<string>): void {
  if (!CALLER_PATHS.test(c.req.path)) return;
  setResponseHeader(c, 'Vary', 'Origin');
  const { origin } = c.get('state').requestHeaders;
  if (origin === undefined || !origins.has(origin)) return;
  setResponseHeader(c, 'Access-Control-Allow-Origin', origin);
  setResponseHeader(c, 'Access-Control-Expose-Headers', EXPOSED);
}

/**
 * Answers the preflight of a page that `allowOrigin` has let in. It may send any header, since
 * rules may ask for any.
 */
export function allowPreflight(c: Context, methods: string): void {
  const { findHeader, responseHeaders } = c.get('state');
  if (responseHeaders['Access-Control-Allow-Origin'] === undefined) return;
  if (findHeader('access-control-request-method') === undefined) return;
  setResponseHeader(c, 'Vary', 'Origin, Access-Control-Request-Headers');
  setResponseHeader(c, 'Access-Control-Allow-Methods', methods);
  setResponseHeader(c, 'Access-Control-Max-Age', String(PREFLIGHT_AGE_SECONDS));
  const headers = findHeader('access-control-request-headers') ?? '';
  if (headers.length > CORS_HEADERS_CHARACTERS_MAX || !HEADER_NAMES.test(headers)) return;
  setResponseHeader(c, 'Access-Control-Allow-Headers', headers);
}
