import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How requests are met: as the vendor does, or by something that is broken in its place. */
export type Mode = 'serve' | 'hang' | 'fail' | 'forbid' | 'drop answers to writes';

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

/** `behind` is an origin; what it answers is passed on as it is. */
export async function startFront(behind: string): Promise<Front> {
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
    const isWrite = request.method === 'PATCH';
    if (mode === 'hang') return;
    if (mode === 'fail') return void response.writeHead(500).end('broken');
    if (mode === 'forbid') return void response.writeHead(403).end('{}');
    const drops = mode === 'drop answers to writes' && isWrite;
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

async function passOn(behind: string, request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { connection: _, host: __, 'content-length': ___, ...headers } = request.headers;
  const answer = await fetch(`${behind}${request.url}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(body === '' ? {} : { body }),
  });
  const {
    'transfer-encoding': ____,
    'content-length': _____,
    ...told
  } = Object.fromEntries(answer.headers);
  return { status: answer.status, headers: told, body: await answer.text() };
}
