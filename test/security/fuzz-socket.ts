import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import type { FuzzRequest } from './fuzz-requests.ts';

export type FuzzAnswer = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

/** How a request ended: answered, its connection closed, or nothing at all. */
export type FuzzEnd = FuzzAnswer | 'closed' | 'silence';

/** How long an answer may take, and how long a request that breaks off is given. */
const ANSWER_MS_MAX = 10_000;
const SILENCE_MS = 200;

/** Sends one request after the other, on one connection for as long as the server keeps it. */
export function createFuzzSocket(origin: string) {
  const { hostname, port } = new URL(origin);
  let open: Socket | undefined;

  const discard = (): void => {
    open?.destroy();
    open = undefined;
  };

  async function send({ bytes, isFramed, method }: FuzzRequest): Promise<FuzzEnd> {
    if (!isFramed) discard();
    const wasOpen = open !== undefined;
    open ??= await connected(hostname, Number(port));
    const end = await answerOf(open, bytes, method, isFramed ? ANSWER_MS_MAX : SILENCE_MS);
    const isKept = typeof end === 'object' && end.headers.get('connection') !== 'close';
    if (!isKept || !isFramed) discard();
    // The server may close an idle connection at the moment that a request goes out.
    if (end === 'closed' && wasOpen && isFramed) return send({ bytes, isFramed, method });
    return end;
  }
  return { send, discard };
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function answerOf(
  socket: Socket,
  bytes: Buffer,
  method: string,
  silenceMs: number,
): Promise<FuzzEnd> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const settle = (end: FuzzEnd): void => {
      socket.removeAllListeners();
      socket.on('error', () => {});
      clearTimeout(timer);
      resolve(end);
    };
    const timer = setTimeout(() => settle('silence'), silenceMs);
    const closed = (): void => settle(readAnswer(received, method, true) ?? 'closed');
    socket.removeAllListeners();
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const answer = readAnswer(received, method, false);
      if (answer !== undefined) settle(answer);
    });
    socket.on('end', closed);
    socket.on('close', closed);
    socket.on('error', closed);
    socket.write(bytes);
  });
}

/** The first whole answer in `received`, after those of 1xx; undefined while it is not whole. */
function readAnswer(received: Buffer, method: string, isEnd: boolean): FuzzAnswer | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first = '', ...lines] = received.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
  const rest = received.subarray(headEnd + 4);
  if (status >= 100 && status < 200) return readAnswer(rest, method, isEnd);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = readBody(
    rest,
    headers,
    method === 'HEAD' || status === 204 || status === 304,
    isEnd,
  );
  return body === undefined ? undefined : { status, headers, body: body.toString('utf8') };
}

function readBody(
  rest: Buffer,
  headers: ReadonlyMap<string, string>,
  isEmpty: boolean,
  isEnd: boolean,
): Buffer | undefined {
  if (isEmpty) return Buffer.alloc(0);
  const length = headers.get('content-length');
  if (length !== undefined) {
    return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length));
  }
  if (headers.get('transfer-encoding') !== 'chunked') return isEnd ? rest : undefined;
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16);
    if (size === 0) return Buffer.concat(parts);
    at = lineEnd + 2 + size + 2;
    if (rest.length < at) return undefined;
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
  }
}
