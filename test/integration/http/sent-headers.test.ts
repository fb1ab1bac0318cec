import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { startRequest } from '../../../src/http/request-state.ts';
import { headersOfIncoming } from '../../../src/node/http-server/incoming-message.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import type { Ports } from '../../../src/ports.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { createRandom } from '../../security/fuzz-random.ts';
import { readSeed } from '../../support/counts.ts';

const CASES = 300;
const SEED = readSeed();

/** Those of which Node keeps one, a list or a text of its own. */
const SENT = [
  ...['authorization', 'content-type', 'user-agent', 'if-match', 'if-none-match', 'prefer'],
  ...['x-request-id', 'traceparent', 'x-tenant', 'cookie', 'set-cookie', 'origin', 'referer'],
  ...['etag', 'from', '__proto__', 'x', 'content-encoding'],
] as const;
/** Names that every object has are asked for only: Node adds what was sent to what it has. */
const ASKED = [...SENT, ...SENT.map((name) => name.toUpperCase()), 'constructor', 'nothing'];
const VALUES = [
  'a',
  '',
  'Bearer x',
  ' b ',
  '\tc\t',
  '"q", W/"r"',
  'ö',
  'a,b',
  'a; b=c',
  '0',
] as const;

test(`headers are as Headers gives them: SEED=${SEED}`, async () => {
  const random = createRandom(SEED);
  const ports = { ...systemClock, headersOf: headersOfIncoming } as unknown as Ports;
  const app = new Hono();
  app.get('/', (c) => {
    const { rawHeaders } = (c.env as { incoming: IncomingMessage }).incoming;
    const all = new Headers();
    for (let i = 0; i < rawHeaders.length; i += 2) {
      all.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
    }
    const { findHeader, requestHeaders } = startRequest(c, ports);
    const read = Object.entries(requestHeaders).map(([name, value]) => ({
      name,
      value: value ?? null,
    }));
    return c.json({
      plain: [
        ASKED.map((name) => all.get(name)),
        read.map(({ name }) => ({ name, value: all.get(name) })),
      ],
      quick: [ASKED.map((name) => findHeader(name) ?? null), read],
    });
  });
  const { origin, server } = await listen(app.fetch, '127.0.0.1', 0);
  try {
    for (let number = 0; number < CASES; number += 1) {
      const lines = random.times(random.below(8), () => {
        const name = random.pick(SENT);
        return `${random.chance(0.3) ? name.toUpperCase() : name}: ${random.pick(VALUES)}`;
      });
      const { plain, quick } = await ask((server.address() as AddressInfo).port, lines);
      expect(quick, `${origin} asked with ${JSON.stringify(lines)}`).toEqual(plain);
    }
  } finally {
    server.close();
  }
});

async function ask(
  port: number,
  lines: readonly string[],
): Promise<{ plain: unknown; quick: unknown }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const head = ['GET / HTTP/1.1', 'host: localhost', 'connection: close', ...lines];
  socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  const answer = await text(socket);
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
}
