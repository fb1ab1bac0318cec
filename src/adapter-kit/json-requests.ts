import type { HttpRequest } from './conversation.ts';
import type { Json } from './json.ts';

/** Builders of requests that send and accept JSON; `path` is relative to their root. */
export type JsonRequests = {
  readonly get: (path: string) => HttpRequest;
  /** Without `body` the request has neither a body nor a content type. */
  readonly send: (
    method: 'PATCH' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: Json,
  ) => HttpRequest;
};

/** Builds requests below `root`, a path of `origin`; ids enter a path through `segment`. */
export function jsonRequests(
  origin: string,
  root: string,
  contentType = 'application/json',
): JsonRequests {
  const headers = { accept: 'application/json' };
  const bodyHeaders = { ...headers, 'content-type': contentType };
  return {
    get: (path) => ({ method: 'GET', origin, path: root + path, headers }),
    send: (method, path, body) =>
      body === undefined
        ? { method, origin, path: root + path, headers }
        : {
            method,
            origin,
            path: root + path,
            headers: bodyHeaders,
            body: JSON.stringify(body),
          },
  };
}

/**
 * Percent-encodes `value` as one path segment. `.` and `..` cannot be encoded, URL parsers resolve
 * them in any spelling: an adapter's id pattern refuses them.
 */
export function segment(value: string): string {
  return encodeURIComponent(value);
}

/** Cuts a configured base URL into the origin and a path prefix without a trailing slash. */
export function splitBaseUrl(baseUrl: string): { origin: string; prefix: string } {
  const url = new URL(baseUrl);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}
