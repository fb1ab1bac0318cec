import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { type OpenConnections, trackConnections } from './connections.ts';
import { connectionsMax } from './connections-max.ts';
import { type OnRefused, problemOfRefusal, type RefusalCode, refusalOf } from './refusals.ts';
import { answerRefused } from './refuse.ts';
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

export type ListenOptions = {
  readonly patience?: Patience | undefined;
  readonly onRefused?: OnRefused | undefined;
  /** Called for each connection beyond `connectionsMax`, which is closed at once. */
  readonly onDropped?: (() => void) | undefined;
};

export type Listening = {
  readonly server: Server;
  readonly origin: string;
  /** The address that was bound. */
  readonly address: string;
  readonly drain: OpenConnections['drain'];
};

/** Listens on `host` and `port` (0: any free one) and passes requests to `answer`. */
export function listen(
  answer: Answer,
  host: string,
  port: number,
  { onDropped = () => {}, onRefused = () => {}, patience = PATIENCE }: ListenOptions = {},
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const { headersMs, lookMs, requestMs } = patience;
    const options = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: lookMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // The check of the framing refuses it, with a trace.
      requireHostHeader: false,
    };
    const server = createServer(options, createListener(answer, host, onRefused));
    // Node leaves out headers beyond a count in silence; their bytes are bounded already.
    server.maxHeadersCount = 0;
    server.maxConnections = connectionsMax();
    server.on('drop', onDropped);
    const connections = trackConnections(server);
    answerRefused(server, connections, onRefused);
    server.once('error', reject);
    server.listen(port, host, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') return reject(new Error('no TCP address'));
      const { address, family } = bound;
      const name = family === 'IPv6' ? `[${address}]` : address;
      const origin = `http://${name}:${bound.port}`;
      resolve({ server, origin, address, drain: connections.drain });
    });
  });
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers by `answer` what it can be asked, and anything else by a refusal. */
function createListener(answer: Answer, hostname: string, onRefused: OnRefused): Listener {
  const refuse = (code: RefusalCode, reason: string): Response => {
    const refusal = refusalOf(code, reason);
    onRefused(refusal);
    const { body, headers } = problemOfRefusal(refusal);
    return new Response(body, { status: refusal.status, headers });
  };
  const framed = plainlyFramedOnly(answer, () => refuse('malformed_request', 'FRAMING'));
  // Its own error is that of a URL that cannot be made of the target and `Host`. Others are bugs,
  // or come of a part of the program that is not there any more.
  const errorHandler = (error: unknown): Response =>
    error instanceof RequestError
      ? refuse('malformed_request', 'TARGET_OR_HOST')
      : refuse('internal_error', error instanceof Error ? error.name : 'error');
  return getRequestListener(framed, { hostname, errorHandler });
}
