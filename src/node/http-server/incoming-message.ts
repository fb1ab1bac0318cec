import { IncomingMessage } from 'node:http';
import type { HeadersOf } from '../../ports.ts';

/** Node's own message behind a request, from what its server gives with the request. */
export function incomingOf(bindings: unknown): IncomingMessage | undefined {
  if (typeof bindings !== 'object' || bindings === null || !('incoming' in bindings)) return;
  return bindings.incoming instanceof IncomingMessage ? bindings.incoming : undefined;
}

/** Headers of which Node keeps the first only (Node.js documentation, `message.headers`). */
const KEPT_ONCE = new Set([
  ...['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host'],
  ...['if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards'],
  ...['proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent'],
]);

/** Looks headers up in Node's own record: by way of the server's `Headers` each takes 0.2 µs. */
export const headersOfIncoming: HeadersOf = (request, bindings) => {
  const incoming = incomingOf(bindings);
  if (incoming === undefined) return undefined;
  const { headers, rawHeaders } = incoming;
  return (name) => {
    const lowerName = name.toLowerCase();
    const value = headers[lowerName];
    if (value === undefined) return undefined;
    const isWhole = !KEPT_ONCE.has(lowerName) || isSentOnce(lowerName, rawHeaders);
    if (typeof value === 'string' && isWhole) return value;
    // A list, the first of several, or what every object has by a name such as "constructor".
    return request.headers.get(name) ?? undefined;
  };
};

function isSentOnce(lowerName: string, rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) count += 1;
  }
  return count === 1;
}
