import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A port that leads to another one, and breaks its connections at random. */
export type CuttingProxy = {
  readonly origin: string;
  /** Connections that were broken. */
  readonly cuts: () => number;
  readonly close: () => Promise<void>;
};

/** Starts a proxy that breaks a share of the chunks' connections: before, amid or after a chunk. */
export async function startCuttingProxy(
  port: number,
  random: () => number,
  share: number,
): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const end = (): void => {
      for (const socket of [near, far]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        if (random() >= share) {
          to.write(chunk);
          return;
        }
        cuts += 1;
        // What is passed on before the end may be nothing, a part, or all of the chunk.
        const passed = Math.floor(random() * 3) / 2;
        to.write(chunk.subarray(0, Math.floor(passed * chunk.length)), end);
      });
      from.on('error', end).on('close', end);
      sockets.add(from);
    };
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
