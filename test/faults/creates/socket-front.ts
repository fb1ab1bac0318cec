import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import { FOLDERS } from '../../integration/create/stage.ts';

/** Treatments of a create's connection. Before: the vendor never sees it; after: it has made it. */
export const SOCKET_FAULTS = [
  'none',
  'reset before',
  'reset after',
  'cut head',
  'cut body',
  'stall before',
  'stall after',
  'late',
  '504 before',
  '504 after',
] as const;
export type SocketFault = (typeof SOCKET_FAULTS)[number];

const CREATE_PATHS = /\/(?:profiles|profile|v3\/projects)$/;
/** Number of a create, in its name. */
const NUMBER = /s(\d{5})x/;
/** Before each vendor must be done. */
const LATE_MS = 600;

/** The answer of a vendor. */
type Delivered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};
type Deliver = () => Promise<Delivered>;

/** Treats the connection of a create; returns the status of an answer that is passed on. */
async function treat(
  fault: SocketFault,
  deliver: Deliver,
  response: ServerResponse,
): Promise<number | undefined> {
  const reset = (): void => {
    response.socket?.resetAndDestroy();
  };
  if (fault === 'none') return pass(await deliver(), response);
  if (fault === 'late') setTimeout(() => void deliver(), LATE_MS);
  const isMade = fault.endsWith(' after') || fault.startsWith('cut');
  const delivered = isMade ? await deliver() : undefined;
  if (fault.startsWith('stall')) return undefined;
  if (fault.startsWith('504')) {
    response.writeHead(504, { 'content-type': 'text/html' }).end('<p>late</p>');
    return undefined;
  }
  if (fault === 'cut head') response.socket?.write('HTTP/1.1 201 Cre');
  if (fault === 'cut body' && delivered !== undefined) {
    const { headers, status, text } = delivered;
    const length = { 'content-length': `${Buffer.byteLength(text)}` };
    response.writeHead(status, { ...headers, ...length }).write(text.slice(0, text.length / 2));
  }
  if (fault.startsWith('cut')) setTimeout(reset, CUT_MS);
  else reset();
  return undefined;
}

/** Time in which the part of an answer leaves before its connection breaks. */
const CUT_MS = 5;

function pass({ headers, status, text }: Delivered, response: ServerResponse): number {
  response.writeHead(status, headers).end(text);
  return status;
}

/** Sandboxes behind a server that breaks, stalls and loses the answers to creates. */
export async function openSocketFront(faultOf: (number: number) => SocketFault) {
  const set = createSandboxSet(Date.now, sandboxes);
  const sent = new Map<number, number>();
  let origin = '';

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const { method = 'GET', url = '/' } = request;
    const deliver: Deliver = async () => {
      const given = Object.entries(request.headers).map(([name, value]) => [name, `${value}`]);
      const whole = { method, headers: Object.fromEntries(given), ...(body && { body }) };
      const answered = await set.fetch(new Request(`${origin}${url}`, whole));
      const headers = Object.fromEntries(answered.headers);
      return { status: answered.status, headers, text: await answered.text() };
    };
    const isCreate = method === 'POST' && CREATE_PATHS.test(new URL(url, origin).pathname);
    const number = isCreate ? Number(NUMBER.exec(body)?.[1] ?? Number.NaN) : Number.NaN;
    if (Number.isNaN(number)) {
      pass(await deliver(), response);
      return;
    }
    sent.set(number, (sent.get(number) ?? 0) + 1);
    const status = await treat(faultOf(number), deliver, response);
    // What is sent again with a fresh token was not processed.
    if (status === 401) sent.set(number, (sent.get(number) ?? 1) - 1);
  };

  const server = createServer((request, response) => {
    response.on('error', () => {});
    void answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const targets = set.demos.map(({ configuration, target }): [string, JsonObject] => [
    target,
    {
      ...configuration(origin),
      timeoutMs: 1_000,
      limits: { circuitBreaker: { minimumRequests: 10_000 } },
    },
  ]);
  return {
    document: { version: 1, targets: Object.fromEntries(targets) } satisfies JsonObject,
    sentOf: (number: number): number => sent.get(number) ?? 0,
    /** Ids of all profiles of a target, by their names. */
    idsByName: (target: string): ReadonlyMap<string, readonly string[]> => {
      const sandbox = set.byFolder.get(FOLDERS[target] ?? '');
      const ids = sandbox?.ids?.() ?? [];
      return Map.groupBy(ids, (id) => String(own(sandbox?.stored(id) ?? {}, 'name')));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
