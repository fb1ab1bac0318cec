import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy for plain requests and for tunnels, which sends everything to servers of the test. */
export type ForwardProxy = {
  readonly url: string;
  /** `CONNECT host:port` or `GET http://host/path`, in the order in which they came. */
  readonly asked: readonly string[];
  /** What callers said to prove who they are. */
  readonly credentials: readonly (string | undefined)[];
  /** Takes tunnels and never opens them. */
  readonly stall: () => void;
  readonly stop: () => Promise<void>;
};

/** `ports` are those of this machine on which the named hosts answer, such as `a.test:443`. */
export async function startForwardProxy(
  ports: Readonly<Record<string, number>>,
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  let stalls = false;
  const server = createServer((request, response) => {
    const { headers, method = 'GET', url = '' } = request;
    asked.push(`${method} ${url}`);
    credentials.push(headers['proxy-authorization']);
    const { host, pathname, search } = new URL(url);
    const port = ports[host];
    if (port === undefined) return void response.writeHead(502).end();
    const options = { host: '127.0.0.1', port, path: pathname + search, method, headers };
    const onward = httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', ({ headers, url = '' }, socket: Socket) => {
    asked.push(`CONNECT ${url}`);
    credentials.push(headers['proxy-authorization']);
    if (stalls) return;
    const port = ports[url];
    if (port === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    credentials,
    stall: () => {
      stalls = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
