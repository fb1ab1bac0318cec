import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Time that callers have to end what they were sending when a server began to drain. */
const SENDING_MS = 5_000;
/** Time that callers have to take their answers once the last one is made. */
const TAKING_MS = 5_000;
/** Interval at which connections are looked for that have become idle. */
const LOOK_MS = 100;

/** The connections of a server. */
export type OpenConnections = {
  /** The answer to the request that is under way on a connection. */
  readonly responseOn: (connection: Duplex) => ServerResponse | undefined;
  /**
   * Takes no new connections and ends those that have no request under way; resolves once all are
   * closed. `done`: every request is answered.
   */
  readonly drain: (done: Promise<void>) => Promise<void>;
};

type State = {
  /** The request under way, the last one where several are. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** Number of bytes that were read when the last request ended. */
  bytesUsed: number;
};

export function trackConnections(server: Server): OpenConnections {
  const open = new Map<Duplex, State>();
  server.on('connection', (connection: Socket) => {
    open.set(connection, { request: undefined, response: undefined, bytesUsed: 0 });
    connection.once('close', () => open.delete(connection));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const state = open.get(socket);
    if (state === undefined) return;
    state.request = request;
    state.response = response;
    response.once('close', () => {
      if (state.request !== request) return;
      state.request = undefined;
      state.response = undefined;
      state.bytesUsed = socket.bytesRead;
    });
  });

  const end = (isOver: (state: State, bytesRead: number) => boolean): void => {
    for (const [connection, state] of open) {
      const bytesRead = 'bytesRead' in connection ? Number(connection.bytesRead) : 0;
      if (isOver(state, bytesRead)) connection.destroy();
    }
  };
  const endIdle = (): void =>
    end(({ bytesUsed, request }, bytesRead) => request === undefined && bytesRead === bytesUsed);
  const endSending = (): void => end(({ request }) => request?.complete !== true);
  return {
    responseOn: (connection) => open.get(connection)?.response,
    drain: async (done) => {
      // Node's own `close` for HTTP cuts off answers that are not taken yet, counts a connection
      // that never sent anything as busy, and stops timing what comes.
      const closed = new Promise<void>((resolve) => {
        NetServer.prototype.close.call(server, () => resolve());
      });
      endIdle();
      const looking = setInterval(endIdle, LOOK_MS);
      const sending = setTimeout(endSending, SENDING_MS);
      void done.then(() => setTimeout(end, TAKING_MS, () => true).unref());
      await closed;
      clearInterval(looking);
      clearTimeout(sending);
    },
  };
}
