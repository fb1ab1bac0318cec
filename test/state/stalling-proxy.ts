import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A port that leads to another one, until it is stalled: then nothing passes, nothing ends. */
export type StallingProxy = {
  readonly port: number;
  readonly stall: () => void;
  /** Serves connections that come from now on; those that were stalled stay so. */
  readonly pass: () => void;
  /** Breaks all connections. */
  readonly cut: () => void;
  /** Leads connections that come from now on to another port. */
  readonly lead: (port: number) => void;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

export async function startProxy(first: number): Promise<StallingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let port = first;
  let isStalled = false;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    if (isStalled) return;
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => {
      isStalled = true;
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    pass: () => {
      isStalled = false;
    },
    cut: () => {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
    },
    lead: (next) => {
      port = next;
    },
    connections: () => pairs.size,
    close: async () => {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
