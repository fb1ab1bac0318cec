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

/** Sandboxes behind a server that breaks, stalls and loses the answers to creates. */
export async function openSocketFront(faultOf: (number: number) => SocketFault) {
  const set = createSandboxSet(Date.now, sandboxes);
  const sent = new Map<number, number>();
  let origin = '';

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const { method = 'GET', socket, url = '/' } = request;
    const deliver = async () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, `${value}`]);
      const whole = { method, headers: Object.fromEntries(headers) };
      const answered = await set.fetch(
        new Request(`${origin}${url}`, body === '' ? whole : { ...whole, body }),
      );
      const { status } = answered;
      return { status, headers: Object.fromEntries(answered.headers), text: await answered.text() };
    };
    const pass = async (): Promise<number> => {
      const { headers, status, text } = await deliver();
      response.writeHead(status, headers).end(text);
      return status;
    };
    const isCreate = method === 'POST' && CREATE_PATHS.test(new URL(url, origin).pathname);
    const number = isCreate ? Number(NUMBER.exec(body)?.[1] ?? Number.NaN) : Number.NaN;
    if (Number.isNaN(number)) return void (await pass());
    sent.set(number, (sent.get(number) ?? 0) + 1);
    const fault = faultOf(number);
    switch (fault) {
      case 'none':
        // What is sent again with a fresh token was not processed.
        if ((await pass()) === 401) sent.set(number, (sent.get(number) ?? 1) - 1);
        return;
      case 'reset before':
        socket.resetAndDestroy();
        return;
      case 'reset after':
        await deliver();
        socket.resetAndDestroy();
        return;
      case 'cut head':
        await deliver();
        socket.write('HTTP/1.1 201 Cre');
        setTimeout(() => socket.resetAndDestroy(), 5);
        return;
      case 'cut body': {
        const { headers, status, text } = await deliver();
        const length = { 'content-length': `${Buffer.byteLength(text)}` };
        response.writeHead(status, { ...headers, ...length }).write(text.slice(0, text.length / 2));
        setTimeout(() => socket.resetAndDestroy(), 5);
        return;
      }
      case 'stall before':
        return;
      case 'stall after':
        await deliver();
        return;
      case 'late':
        setTimeout(() => void deliver(), LATE_MS);
        socket.resetAndDestroy();
        return;
      case '504 before':
      case '504 after':
        if (fault === '504 after') await deliver();
        response.writeHead(504, { 'content-type': 'text/html' }).end('<p>late</p>');
    }
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
