import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Recorded = {
  readonly line: string;
  /** Each header as `name: value`, names as they came. */
  readonly headers: readonly string[];
  readonly body: string;
};

export type Recorder = {
  readonly origin: string;
  readonly port: number;
  /** Connections that were opened to it. */
  readonly connections: () => number;
  readonly requests: readonly Recorded[];
  readonly stop: () => Promise<void>;
};

/** A server on a loopback port that keeps what it is sent and answers with an empty object. */
export async function startRecorder(): Promise<Recorder> {
  const requests: Recorded[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.once('end', () => {
      const { method, rawHeaders, url } = request;
      const headers = rawHeaders.flatMap((name, i) =>
        i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : [],
      );
      requests.push({ line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
