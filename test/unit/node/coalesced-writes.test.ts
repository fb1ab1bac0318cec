import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../src/adapter-kit/index.ts';
import { writeJoined } from '../../../src/node/http-client/coalesced-writes.ts';
import { createUndiciSend } from '../../../src/node/http-client/send.ts';
import { answerByBoth, type BothSchemes } from '../../integration/limits/listeners.ts';

let servers: BothSchemes;

beforeAll(async () => {
  /** Answers what came. */
  servers = await answerByBoth(async (request, response) => {
    response.end(await buffer(request));
  });
});

afterAll(() => servers.close());

const BODIES = [
  ['short', '{"name":"Robin"}'],
  ['of other letters', '{"name":"Zoë Ł😀\u2028"}'],
  ['of every Latin letter', String.fromCharCode(...Array(256).keys())],
  ['longer than a write takes at once', 'é😀'.repeat(200_000)],
] as const;

describe.each(['http', 'https'] as const)('a body by %s', (by) => {
  it.each(BODIES)('that is %s arrives as it is', async (_, body) => {
    const { close, send } = createUndiciSend();
    const transport = { id: by, ca: servers.ca, connectTimeoutMs: 5_000, connectionsMax: 1 };
    const request: HttpRequest = {
      method: 'PATCH',
      origin: servers.origins[by],
      path: '/',
      headers: {},
      body,
    };
    try {
      for (let time = 0; time < 2; time += 1) {
        const answer = await send(request, 20_000, transport);
        expect(answer).toMatchObject({ status: 200 });
        expect('body' in answer && answer.body === body).toBe(true);
      }
    } finally {
      await close();
    }
  });
});

describe('what is written to a connection', () => {
  /** A connection that keeps what is written to it. */
  function connection() {
    const writes: unknown[][] = [];
    const never = (): void => expect.unreachable();
    const write = (...written: unknown[]): boolean => writes.push(written) > 0;
    const made = { cork: never, uncork: never, write };
    writeJoined(made);
    return { ...made, writes };
  }

  it('leaves as one text where it is corked, byte by byte the same', () => {
    const { cork, uncork, write, writes } = connection();
    cork();
    write('head \u00e9\r\n', 'latin1');
    write(Buffer.from('body é'));
    write('tail é');
    write(new Uint8Array([1, 255]).subarray(1));
    expect(writes).toEqual([]);
    uncork();
    expect(writes).toEqual([['head \u00e9\r\nbody Ã©tail Ã©\u00ff', 'latin1']]);
    uncork();
    expect(writes).toHaveLength(1);
  });

  it('leaves at once where it is not', () => {
    const { cork, uncork, write, writes } = connection();
    write('first', 'utf8');
    cork();
    uncork();
    const written = (): void => {};
    write('second', 'latin1', written);
    write(Buffer.from('third'), written);
    expect(writes).toEqual([
      ['first', 'utf8', undefined],
      ['second', 'latin1', written],
      [Buffer.from('third'), written],
    ]);
  });

  it('keeps its order where somebody waits for a write', () => {
    const { cork, uncork, write, writes } = connection();
    const written = (): void => {};
    cork();
    write('first', 'latin1');
    write('second', 'latin1', written);
    write('third', 'latin1');
    uncork();
    expect(writes.map(([chunk]) => chunk)).toEqual(['first', 'second', 'third']);
    expect(writes[1]).toEqual(['second', 'latin1', written]);
  });
});
