import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUndiciSend } from '../../../src/node/http-client/send.ts';
import type { Transport } from '../../../src/ports.ts';
import { answerByBoth, type BothSchemes } from '../../integration/limits/listeners.ts';

const CONNECTIONS = 8;
const ROUNDS = 4;
/** Far more than one read takes, and less than that. */
const LINES = [20_000, 3, 400, 20_000, 1, 5_000, 20_000, 60];

let servers: BothSchemes;

beforeAll(async () => {
  /** In pieces, so that the pieces of several answers come by turns. */
  servers = await answerByBoth(async (request, response) => {
    for (const piece of pieces(request.url ?? '')) {
      response.write(piece);
      await nextTurn();
    }
    response.end();
  });
});

afterAll(() => servers.close());

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
    ca: servers.ca,
    connectTimeoutMs: 5_000,
    connectionsMax: CONNECTIONS,
  };
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const paths = LINES.map((lines, i) => `/${round * LINES.length + i}/${lines}`);
      const answers = await Promise.all(
        paths.map((path) =>
          send(
            { method: 'GET', origin: servers.origins[by], path, headers: {} },
            20_000,
            transport,
          ),
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
