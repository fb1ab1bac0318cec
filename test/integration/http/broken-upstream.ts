import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a vendor does that is out of order. Each stands under a path of its name. */
const WAYS: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>> =
  {
    /** Takes the request and never answers. */
    silent: () => {},
    /** Breaks the connection off instead of an answer. */
    reset: (response) => response.socket?.resetAndDestroy(),
    /** Answers half a body, then breaks off. */
    half: (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"profile"', () => response.socket?.destroy());
    },
    /** Answers headers, then never its body. */
    stalled: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
    },
    moved: (response) => {
      response.writeHead(301, { location: '/trap/moved' }).end();
    },
    found: (response) => {
      response.writeHead(302, { location: '/trap/found' }).end();
    },
    temporary: (response) => {
      response.writeHead(307, { location: '/trap/temporary' }).end();
    },
    permanent: (response) => {
      response.writeHead(308, { location: '/trap/permanent' }).end();
    },
    /** Puts a write into a queue, and shows the profile as it was. */
    queued: (response, { method }) => {
      if (method === 'GET') response.end('{"profile":{"status":"Active","attributes":{}}}');
      else response.writeHead(202).end('{"job_status":{"status":"queued"}}');
    },
    giant: (response) => pour(response, 64 * 1024 * 1024),
    'giant-announced': (response) => {
      response.writeHead(200, { 'content-length': 2 ** 40 });
      pour(response, 64 * 1024 * 1024);
    },
    /** Headers beyond every bound. */
    'giant-headers': (response) => {
      for (let i = 0; i < 20; i += 1) response.setHeader(`x-${i}`, 'h'.repeat(10_000));
      response.end('{}');
    },
    /** No HTTP at all. */
    garbage: (response) => response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'),
    html: (response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    },
    /** Quotes the credentials it was given, and a control character. */
    telltale: (response, { headers }) => {
      const error = { errorCode: '9011', message: `\u0007 no ${JSON.stringify(headers)}` };
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error }));
    },
    unavailable: (response) => {
      response.writeHead(503, { 'retry-after': '1' }).end('down for maintenance');
    },
    /** Gives tokens and then takes none of them. */
    distrustful: (response, { url = '' }) => {
      if (url.includes('/auth/tokens')) {
        const expires = { token: { expires_at: '2999-01-01T00:00:00Z' } };
        response.writeHead(201, { 'x-subject-token': 'MIIdistrusted' });
        response.end(JSON.stringify(expires));
      } else {
        response.writeHead(401).end('{"error":{"code":401,"message":"not this one"}}');
      }
    },
    trap: (response) => {
      response.end('{}');
    },
  };

export type BrokenUpstream = {
  readonly origin: string;
  /** Method and path of every request, in the order of arrival. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
};

/** A server on a loopback port that fails in the way that the first part of the path names. */
export async function startBrokenUpstream(): Promise<BrokenUpstream> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    requests.push(`${method} ${url}`);
    const way = WAYS[url.split('/')[1] ?? ''];
    if (way === undefined) response.writeHead(500).end('no such way');
    else way(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pour(response: ServerResponse, bytes: number): void {
  const chunk = ' '.repeat(1024 * 1024);
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}
