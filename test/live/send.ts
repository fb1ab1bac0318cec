import { request as httpRequest, type IncomingMessage } from 'node:http';

export type SentRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
};

/** `status` 0: the connection was closed without an answer. Header names are in lower case. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const ANSWER_TIMEOUT_MS = 60_000;
/** More than the gateway reads: a test makes Keystone answer with more than that. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
/** What the socket says when the server closes it instead of answering. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Sends one request over a new connection, with the headers given and only those that HTTP
 * itself needs: no Content-Type is added, and no Content-Length when there is no body or it goes
 * in chunks. Rejects when there is no connection, on a timeout, and on an answer over the limit.
 */
export function sendExactly(sent: SentRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(sent.url);
    const headers: Record<string, string> = { Host: url.host, Accept: '*/*', ...sent.headers };
    if (sent.body !== undefined && headers['Transfer-Encoding'] === undefined) {
      headers['Content-Length'] = String(Buffer.byteLength(sent.body));
    }
    const outgoing = httpRequest(url, {
      method: sent.method,
      headers,
      setDefaultHeaders: false,
      agent: false,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    outgoing.on('response', (response) => {
      readAnswer(response).then(resolve, reject);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (CLOSED.has(error.code ?? '')) resolve({ status: 0, headers: {}, body: '' });
      else reject(error);
    });
    outgoing.end(sent.body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is over the limit');
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString() };
}
