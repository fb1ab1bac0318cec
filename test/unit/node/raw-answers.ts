import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpRequest, HttpResponse } from '../../../src/adapter-kit/index.ts';
import { createUndiciSend } from '../../../src/node/http-client/send.ts';
import type { Transport, TransportFailure } from '../../../src/ports.ts';

/** Time between two pieces of an answer, so that each arrives by itself. */
const PIECE_MS = 3;
const TIMEOUT_MS = 20_000;
const TRANSPORT: Transport = { id: 'raw', connectTimeoutMs: TIMEOUT_MS, connectionsMax: 1 };

export type Piece = string | Buffer;
export type Ended = HttpResponse | TransportFailure;

/** Sends `rounds` requests, one after the other, to a server that writes `pieces` to each. */
export async function answersTo(pieces: readonly Piece[], rounds = 1) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => {});
    socket.on('data', async (bytes) => {
      requests.push(bytes.toString('latin1'));
      for (const piece of pieces) {
        socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
        await pause(PIECE_MS);
      }
    });
  });
  const origin = await originOf(server);
  const { close, send } = createUndiciSend();
  const answers: Ended[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const request: HttpRequest = { method: 'GET', origin, path: '/', headers: {} };
    answers.push(await send(request, TIMEOUT_MS, TRANSPORT));
  }
  await close();
  const connections = sockets.size;
  for (const socket of sockets) socket.destroy();
  server.close();
  return { answers, connections, requests };
}

async function originOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
