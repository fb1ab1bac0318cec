import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createAuthority } from './authority.ts';

/** Servers on free ports of this machine, until they are closed together. */
export function createListeners() {
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const close = (): void => {
    for (const server of servers) server.close();
  };
  return { listen, close };
}

/** One server without TLS and one with it, of an authority of their own. */
export type BothSchemes = {
  readonly origins: { readonly http: string; readonly https: string };
  readonly ca: string;
  readonly close: () => void;
};

export async function answerByBoth(answer: RequestListener): Promise<BothSchemes> {
  const { ca, remove, server } = createAuthority(['127.0.0.1']);
  const { close, listen } = createListeners();
  return {
    origins: {
      http: `http://127.0.0.1:${await listen(createHttpServer(answer))}`,
      https: `https://127.0.0.1:${await listen(createHttpsServer(server, answer))}`,
    },
    ca,
    close: () => {
      close();
      remove();
    },
  };
}
