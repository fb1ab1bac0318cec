import { connect, type Socket } from 'node:net';
import { MERGE_PATCH } from '../../support/client.ts';
import { until } from './stage.ts';

/** A connection of its own to `origin`, on which `text` was written; what comes is not read. */
export async function opened(origin: string, text = ''): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  if (text !== '') await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return socket;
}

/** A connection on which an answer has come. */
export async function answered(origin: string, text: string): Promise<Socket> {
  const socket = await opened(origin, text);
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  await until(() => received.includes('\r\n\r\n'), `an answer to ${text}`);
  return socket;
}

export const GET_HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** The head of a patch of the profile `id`, and a part of its body. */
export function halfPatch(id: string): string {
  const type = `Content-Type: ${MERGE_PATCH['content-type']}`;
  const head = `PATCH /profiles/${id} HTTP/1.1\r\nHost: localhost\r\n${type}\r\n`;
  return `${head}Content-Length: 1000\r\n\r\n{"name":`;
}
