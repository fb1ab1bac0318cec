import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';

/** Largest header block of a request to one of our servers. */
const HEADER_BYTES_MAX = 64 * 1024;
/** Longest time for a caller to send its headers, and its whole request. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

export type Listening = { readonly server: ServerType; readonly origin: string };

/** Listens on `host` and `port` (0: any free one) and answers by `fetch`. */
export function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    };
    const server = serve({ fetch, hostname: host, port, serverOptions }, (address: AddressInfo) => {
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve({ server, origin: `http://${name}:${address.port}` });
    });
    server.once('error', reject);
  });
}
