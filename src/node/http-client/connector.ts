import { writeJoined } from './coalesced-writes.ts';
import { dropInformational } from './informational-responses.ts';
import { READ_SHARED } from './shared-read-buffer.ts';
import { buildConnector } from './undici-parts.ts';

export type ConnectorOptions = {
  /** PEM certificates of the authorities trusted instead of the public ones. */
  readonly ca?: string;
  /** Longest wait for a connection, its handshakes included. */
  readonly timeout: number;
};

/** Makes connections for undici that read and write at less cost than they do by themselves. */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, allowH2: false, onread: READ_SHARED });
  return withoutInformational((to, connected) =>
    connect(to, (...ended) => {
      const [error, socket] = ended;
      if (error === null) writeJoined(socket);
      connected(...ended);
    }),
  );
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
