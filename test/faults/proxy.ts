import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { HttpResponse } from '../../src/adapter-kit/index.ts';
import { forgetHost, type Lookup, nameHost } from './names.ts';

/** A request as it arrived whole at the proxy, and the ways to treat its connection. */
export type Arrival = {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly host: string;
  readonly answer: (answer: HttpResponse) => void;
  /** Sends the head and the first `share` of the body, then breaks the connection. */
  readonly cut: (answer: HttpResponse, share: number) => void;
  /** Sends the answer one byte at a time with `everyMs` between them. */
  readonly dribble: (answer: HttpResponse, everyMs: number) => void;
  /** Breaks the connection without a word. */
  readonly reset: () => void;
};

/** What a case does with the connections and requests that come in. */
export type Script = {
  readonly lookup: () => Lookup;
  readonly connection: () => 'serve' | 'hang' | 'reset';
  /** Resolves when all has been done that will be done with the request. */
  readonly request: (arrival: Arrival) => Promise<void>;
};

/** A listening port between one gateway and one vendor, for one case after the other. */
export type FaultProxy = {
  readonly origin: string;
  readonly begin: (script: Script) => void;
  /** Ends the case: every connection is broken. */
  readonly end: () => void;
  readonly close: () => Promise<void>;
};

let proxies = 0;

export async function openProxy(): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let script: Script | undefined;
  proxies += 1;
  const host = `vendor-${proxies}.test`;
  nameHost(host, () => script?.lookup() ?? 'unknown name');

  const http = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    const current = script;
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      if (current === undefined || current !== script) response.destroy();
      else
        void current.request(arrivalOf(request, response, Buffer.concat(chunks).toString('utf8')));
    });
  });
  const tcp = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    const treatment = script?.connection() ?? 'reset';
    if (treatment === 'serve') http.emit('connection', socket);
    else if (treatment === 'reset') socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;

  return {
    origin: `http://${host}:${port}`,
    begin: (next) => {
      script = next;
    },
    end: () => {
      script = undefined;
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      forgetHost(host);
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

function arrivalOf(request: IncomingMessage, response: ServerResponse, body: string): Arrival {
  response.on('error', () => {});
  response.sendDate = false;
  const { headers, method = 'GET', socket, url: path = '/' } = request;
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  const head = (answer: HttpResponse): Buffer => {
    const bytes = Buffer.from(answer.body);
    const hasBody = answer.status !== 204 && answer.status !== 304;
    response.writeHead(answer.status, {
      ...answer.headers,
      ...(hasBody ? { 'content-length': String(bytes.length) } : {}),
    });
    return hasBody ? bytes : Buffer.alloc(0);
  };
  return {
    method,
    path,
    body,
    headers: Object.fromEntries(single),
    host: headers.host ?? '',
    answer: (answer) => {
      if (!socket.destroyed) response.end(head(answer));
    },
    cut: (answer, share) => {
      if (socket.destroyed) return;
      const bytes = head(answer);
      const part = bytes.subarray(0, Math.floor(bytes.length * share));
      response.write(part.length === 0 ? '' : part);
      response.flushHeaders();
      setTimeout(() => socket.resetAndDestroy(), 5);
    },
    dribble: (answer, everyMs) => {
      if (socket.destroyed) return;
      const bytes = head(answer);
      response.flushHeaders();
      let at = 0;
      const timer = setInterval(() => {
        if (socket.destroyed || at >= bytes.length) clearInterval(timer);
        else response.write(bytes.subarray(at, at + 1));
        at += 1;
      }, everyMs);
    },
    reset: () => socket.resetAndDestroy(),
  };
}
