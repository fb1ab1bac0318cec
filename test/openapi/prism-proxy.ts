import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import type { Exchange } from './recorded.ts';

/** Names the recorded answer that the server behind the proxy returns. */
const ANSWER_HEADER = 'x-recorded-answer';
const LINES = /\/x-ndjson$/;
const PRISM = 'node_modules/@stoplight/prism-cli/dist/index.js';
const START_MS_MAX = 60_000;
const POLL_MS = 50;
const ANSWER_MS_MAX = 30_000;
/** Headers that belong to one connection, or that a client sets by itself. */
const OF_CONNECTION = ['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'];

/** Something that the document does not allow, in a request or in a response. */
export type Violation = {
  readonly location: readonly string[];
  readonly message: string;
};

export type Validated = {
  readonly status: number;
  /** True if the recorded answer came through: the proxy itself has rejected nothing. */
  readonly isPassedOn: boolean;
  readonly violations: readonly Violation[];
  readonly text: string;
};

export type PrismProxy = {
  /** Sends a recorded request through the proxy, behind which its recorded answer comes back. */
  readonly validate: (exchange: Exchange) => Promise<Validated>;
  readonly stop: () => Promise<void>;
};

/** Starts Prism as a proxy in the folder of the tools, which holds the document. */
export async function startPrism(folder: string): Promise<PrismProxy> {
  const answers: Exchange['answer'][] = [];
  const upstream = await serveAnswers(answers);
  const port = await freePort();
  const { port: upstreamPort } = upstream.address() as AddressInfo;
  const to = `http://127.0.0.1:${upstreamPort}`;
  const args = [
    'proxy',
    'openapi.json',
    to,
    '--port',
    String(port),
    '--cors=false',
    '-v',
    'silent',
  ];
  const child = spawn(process.execPath, [join(folder, PRISM), ...args], {
    cwd: folder,
    stdio: 'ignore',
  });
  try {
    await accepting(child, port);
  } catch (error) {
    child.kill();
    upstream.close();
    throw error;
  }
  return {
    validate: (exchange) => {
      const number = answers.push(exchange.answer) - 1;
      return send(port, exchange, String(number));
    },
    stop: async () => {
      if (child.exitCode === null && child.kill()) await once(child, 'exit');
      upstream.closeAllConnections();
      upstream.close();
    },
  };
}

async function serveAnswers(answers: readonly Exchange['answer'][]): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const answer = answers[Number(incoming.headers[ANSWER_HEADER])];
    const respond = () => {
      if (answer === undefined) return outgoing.writeHead(500).end();
      const headers = { ...withoutConnection(answer.headers), [ANSWER_HEADER]: '1' };
      return outgoing.writeHead(answer.status, headers).end(answer.text);
    };
    incoming.resume();
    // Prism writes JSON anew and keeps its old length, so that the end of it may never come.
    return LINES.test(`${incoming.headers['content-type']}`)
      ? incoming.once('end', respond)
      : respond();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Waits until the proxy accepts connections: it logs nothing, since that costs most of its time. */
async function accepting(child: ChildProcess, port: number): Promise<void> {
  const endMs = Date.now() + START_MS_MAX;
  while (Date.now() < endMs && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await setTimeout(POLL_MS);
  }
  throw new Error(`the proxy does not accept connections; exit code: ${child.exitCode}`);
}

function send(port: number, { body, headers, method, path }: Exchange, answer: string) {
  const sent = { ...withoutConnection(headers), [ANSWER_HEADER]: answer };
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise<Validated>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: { ...sent, ...length } };
    const outgoing = request({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => {
        const written = response.headers['sl-violations'];
        resolve({
          status: response.statusCode ?? 0,
          isPassedOn: response.headers[ANSWER_HEADER] === '1',
          violations: written === undefined ? [] : JSON.parse(String(written)),
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.setTimeout(ANSWER_MS_MAX, () =>
      outgoing.destroy(new Error(`no answer in time: ${method} ${path}`)),
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function withoutConnection<H extends IncomingHttpHeaders>(headers: H): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(
    ([name]) => !OF_CONNECTION.includes(name.toLowerCase()),
  );
  return Object.fromEntries(kept);
}
