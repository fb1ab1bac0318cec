import { createServer } from 'node:net';

/** A port of loopback that nobody listens on, at least for the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** An origin where every connection is refused. */
export async function unusedOrigin(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}
