import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Transport } from '../../src/gateway/ports.ts';
import { createUndiciSend } from '../../src/gateway/send-undici.ts';
import { type Authority, createAuthority } from './authority.ts';

const CONNECTIONS = 8;
const ROUNDS = 4;
/** Far more than one read takes, and less than that. */
const LINES = [20_000, 3, 400, 20_000, 1, 5_000, 20_000, 60];

let authority: Authority;
const servers: Server[] = [];
const origins = { http: '', https: '' };

beforeAll(async () => {
  authority = createAuthority(['127.0.0.1']);
  /** In pieces, so that the pieces of several answers come by turns. */
  const answer: RequestListener = async (request, response) => {
    for (const piece of pieces(request.url ?? '')) {
      response.write(piece);
      await nextTurn();
    }
    response.end();
  };
  origins.http = `http://127.0.0.1:${await listen(createHttpServer(answer))}`;
  origins.https = `https://127.0.0.1:${await listen(createHttpsServer(authority.server, answer))}`;
});

afterAll(() => {
  for (const server of servers) server.close();
  authority.remove();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** An answer that no other path has: `/3/20000` is 20,000 lines that begin with 3. */
function pieces(path: string): string[] {
  const [, name = '', lines = '0'] = path.split('/');
  const all = Array.from({ length: Number(lines) }, (_, i) => `${name}-${i};`);
  return Array.from({ length: Math.ceil(all.length / 500) }, (_, i) =>
    all.slice(i * 500, i * 500 + 500).join(''),
  );
}

it.each(['http', 'https'] as const)('keeps answers apart that come at once by %s', async (by) => {
  const { close, send } = createUndiciSend();
  const transport: Transport = {
    id: by,
    ca: authority.ca,
    connectTimeoutMs: 5_000,
    connectionsMax: CONNECTIONS,
  };
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const paths = LINES.map((lines, i) => `/${round * LINES.length + i}/${lines}`);
      const answers = await Promise.all(
        paths.map((path) =>
          send({ method: 'GET', origin: origins[by], path, headers: {} }, 20_000, transport),
        ),
      );
      for (const [i, path] of paths.entries()) {
        expect(answers[i]).toMatchObject({ status: 200 });
        const { body } = answers[i] as { body: string };
        expect(body === pieces(path).join(''), `the answer to ${path}`).toBe(true);
      }
    }
  } finally {
    await close();
  }
});
