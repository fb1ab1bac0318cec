import { buildConnector } from 'undici';
import { writeJoined } from './coalesced-writes.ts';
import { READ_SHARED } from './shared-read-buffer.ts';

export type ConnectorOptions = {
  /** PEM certificates of the authorities trusted instead of the public ones. */
  readonly ca?: string;
  /** Longest wait for a connection, its handshakes included. */
  readonly timeout: number;
};

/** Makes connections for undici that read and write at less cost than they do by themselves. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, allowH2: false, onread: READ_SHARED });
  return (to, connected) =>
    connect(to, (...ended) => {
      const [error, socket] = ended;
      if (error === null) writeJoined(socket);
      connected(...ended);
    });
}
