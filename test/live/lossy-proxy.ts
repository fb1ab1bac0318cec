import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sendExactly } from './send.ts';

/** A proxy in front of a real server that can lose answers. */
export type LossyProxy = {
  readonly origin: string;
  /** Answers that were lost: method, path and status. */
  readonly lost: readonly string[];
  /** Loses the answer to the next request of a method: the server has carried it out. */
  readonly loseNext: (method: string) => void;
  readonly close: () => Promise<void>;
};

/** Headers that belong to one connection. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

export async function openLossyProxy(server: string): Promise<LossyProxy> {
  const lost: string[] = [];
  let losing: string | undefined;
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers, method = 'GET', url = '/' } = request;
    const sent = Object.entries(headers)
      .filter(([name]) => name !== 'host' && !OF_CONNECTION.has(name))
      .map(([name, value]) => [name, String(value)]);
    const body = await text(request);
    const answer = await sendExactly({
      url: server + url,
      method,
      headers: Object.fromEntries(sent),
      body: body === '' ? undefined : body,
    });
    if (method === losing) {
      losing = undefined;
      lost.push(`${method} ${url} ${answer.status}`);
      request.socket.resetAndDestroy();
      return;
    }
    const kept = Object.entries(answer.headers).filter(([name]) => !OF_CONNECTION.has(name));
    response.writeHead(answer.status, Object.fromEntries(kept)).end(answer.body);
  };
  const http = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    lost,
    loseNext: (method) => {
      losing = method;
    },
    close: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
