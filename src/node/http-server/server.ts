import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { type Answer, plainlyFramedOnly } from './request-framing.ts';

/** Largest header block of a request to one of our servers. */
const HEADER_BYTES_MAX = 64 * 1024;
/**
 * Time for which an idle connection is kept: longer than the minute of most load balancers, which
 * else send a request into a connection that is being closed.
 */
const KEEP_ALIVE_MS = 75_000;
/** Times after which a slow caller's connection is closed, and the interval of the check. */
export type Patience = {
  /** From the first byte to the end of the headers. */
  readonly headersMs: number;
  /** To the end of the body. */
  readonly requestMs: number;
  readonly lookMs: number;
};
const PATIENCE: Patience = { headersMs: 10_000, requestMs: 60_000, lookMs: 2_000 };

export type Listening = { readonly server: ServerType; readonly origin: string };

/** Listens on `host` and `port` (0: any free one) and answers by `answer`. */
export function listen(
  answer: Answer,
  host: string,
  port: number,
  { headersMs, lookMs, requestMs }: Patience = PATIENCE,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: lookMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    const options = { fetch: plainlyFramedOnly(answer), hostname: host, port, serverOptions };
    const server = serve(options, (address: AddressInfo) => {
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve({ server, origin: `http://${name}:${address.port}` });
    });
    // Node leaves out headers beyond a count in silence; their bytes are bounded already.
    if ('maxHeadersCount' in server) server.maxHeadersCount = 0;
    server.once('error', reject);
  });
}
