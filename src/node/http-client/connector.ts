import type { OnReadOpts, Socket } from 'node:net';
import { writeJoined } from './coalesced-writes.ts';
import { dropInformational } from './informational-responses.ts';
import { buildConnector } from './undici-parts.ts';

export type ConnectorOptions = {
  /** PEM certificates of the authorities trusted instead of the public ones. */
  readonly ca?: string;
  /** Longest wait for a connection, its handshakes included. */
  readonly timeout: number;
};

/** Most bytes that one read takes, as many as Node itself takes. */
const READ_BYTES_MAX = 65_536;

/**
 * Read options of connections: all read into one buffer, of which each takes a copy of what came
 * for it, at once, so that no other read comes between. By itself Node makes a buffer of 64 KiB for
 * each read and cuts it off, which costs 2 µs more. Node calls `callback` on the socket.
 */
const READ_SHARED: OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(READ_BYTES_MAX),
  callback(this: Socket, bytes: number, buffer: Uint8Array): boolean {
    return this.push(Buffer.copyBytesFrom(buffer, 0, bytes));
  },
};

/** Makes connections for undici that read and write at less cost than they do by themselves. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, allowH2: false, onread: READ_SHARED });
  return (to, connected) =>
    connect(to, (...ended) => {
      const [error, socket] = ended;
      if (error === null) {
        dropInformational(socket);
        writeJoined(socket);
      }
      connected(...ended);
    });
}

/** Has the connections of `connect` drop informational responses. */
export function withoutInformational(connect: buildConnector.connector): buildConnector.connector {
  return (to, connected) =>
    connect(to, (...ended) => {
      const [error, socket] = ended;
      if (error === null) dropInformational(socket);
      connected(...ended);
    });
}
