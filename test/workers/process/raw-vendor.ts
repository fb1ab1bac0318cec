import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { Plain, Raw } from './vendor-answers.ts';

/** Time between two pieces of an answer, so that each arrives by itself. */
const PIECE_MS = 2;
const NULL_BODY = new Set([204, 304]);

/** The sandboxes behind a server that writes each answer byte by byte as it is mangled. */
export async function startRawVendor(
  now: () => number,
  mangled: (request: IncomingMessage, plain: Plain) => Raw | undefined,
) {
  const set = createSandboxSet(now, sandboxes);
  const sockets = new Set<Socket>();
  const sent: string[] = [];
  const server = createServer(async (request) => {
    const { headers, method = '', socket, url = '' } = request;
    const body = await buffer(request);
    const answer = await set.fetch(
      new Request(`http://${headers.host}${url}`, {
        method,
        headers: headers as Record<string, string>,
        ...(method === 'GET' ? {} : { body }),
      }),
    );
    const plain: Plain = {
      status: answer.status,
      headers: [...answer.headers]
        .filter(([name]) => name !== 'content-length')
        .map(([name, value]) => `${name}: ${value}`),
      body: Buffer.from(await answer.arrayBuffer()),
    };
    sent.push(`${method} ${url}`);
    await write(socket, mangled(request, plain) ?? unchanged(plain));
  });
  server.on('connection', (socket) => {
    socket.setNoDelay(true).on('error', () => {});
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    set,
    sent,
    origin: `http://127.0.0.1:${port}`,
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type RawVendor = Awaited<ReturnType<typeof startRawVendor>>;

async function write(socket: Socket, { closes = false, pieces }: Raw): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await pause(PIECE_MS);
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  }
  if (closes) socket.end();
}

function unchanged({ body, headers, status }: Plain): Raw {
  const lines = NULL_BODY.has(status) ? headers : [...headers, `content-length: ${body.length}`];
  const head = `HTTP/1.1 ${status} x\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  return { pieces: [Buffer.concat([Buffer.from(head, 'latin1'), body])] };
}
