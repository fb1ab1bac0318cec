import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How requests are met: as the vendor does, or by something that is broken in its place. */
export type Mode =
  | 'serve'
  | 'hang'
  | 'fail'
  | 'forbid'
  | 'reset'
  | 'drop answers to writes'
  | 'mixed';

/** What befalls requests of a vendor with a few faults of every kind. */
const MIXED: readonly Mode[] = ['hang', 'fail', 'reset', 'drop answers to writes'];
const FAULTY_SHARE = 0.1;

/** A server in front of a vendor's sandbox that can be broken and mended. */
export type Front = {
  readonly origin: string;
  /** Method and path of every request that came, in order. */
  readonly seen: readonly string[];
  readonly meet: (mode: Mode) => void;
  /** Stops listening on its port, or listens again. */
  readonly refuse: (refuses: boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const SEEN_MAX = 100_000;

/** What stands behind a front. */
export type Behind = (request: Request) => Response | Promise<Response>;

/** A vendor at another address. */
export function vendorAt(origin: string): Behind {
  return (request) => {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(origin + pathname + search, request));
  };
}

export async function startFront(behind: Behind): Promise<Front> {
  let mode: Mode = 'serve';
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    if (seen.length < SEEN_MAX) seen.push(`${request.method} ${request.url}`);
    meet(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const way = mode === 'mixed' ? mixed() : mode;
    if (way === 'hang') return;
    if (way === 'reset') return void response.socket?.resetAndDestroy();
    if (way === 'fail') return void response.writeHead(500).end('broken');
    if (way === 'forbid') return void response.writeHead(403).end('{}');
    const drops = way === 'drop answers to writes' && request.method === 'PATCH';
    const { status, headers, body } = await passOn(behind, request);
    if (drops) return;
    response.writeHead(status, headers).end(body);
  }

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    meet: (next) => {
      mode = next;
      // What hangs would hold its connection after the front is mended.
      if (next === 'serve') for (const socket of sockets) socket.destroy();
    },
    refuse: async (refuses) => {
      if (refuses) await close();
      else await listen(port);
    },
    stop: close,
  };
}

function mixed(): Mode {
  if (Math.random() >= FAULTY_SHARE) return 'serve';
  return MIXED[Math.floor(Math.random() * MIXED.length)] ?? 'serve';
}

async function passOn(behind: Behind, request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { connection: _, 'content-length': __, ...headers } = request.headers;
  const { method = 'GET' } = request;
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const init = { method, headers: headers as Record<string, string>, ...body };
  const answer = await behind(new Request(`http://${headers.host}${request.url}`, init));
  const told = Object.fromEntries(answer.headers);
  delete told['transfer-encoding'];
  delete told['content-length'];
  return { status: answer.status, headers: told, body: await answer.text() };
}
