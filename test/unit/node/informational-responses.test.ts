import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { INFORMATIONAL_BYTES_MAX } from '../../../src/limits.ts';
import { createUndiciSend } from '../../../src/node/http-client/send.ts';
import { answerByBoth } from '../../integration/limits/listeners.ts';
import { answersTo, type Piece } from './raw-answers.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nX-One: not this\r\n\r\n';
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: 1\r\n\r\n{}';
const filler = (bytes: number): string => `HTTP/1.1 103 x\r\nX: ${'x'.repeat(bytes - 24)}\r\n\r\n`;

const BEFORE: readonly (readonly [string, readonly Piece[]])[] = [
  ['nothing', [OK]],
  ['a 100', [CONTINUE, OK]],
  ['a 100 in one piece with it', [CONTINUE + OK]],
  ['two of 100', [CONTINUE + CONTINUE, OK]],
  ['all kinds', [PROCESSING, CONTINUE, HINTS + CONTINUE, HINTS, OK]],
  ['a 100 byte by byte, and the answer too', [...(CONTINUE + OK)]],
  ['a head that ends in the next piece', ['HTTP/1.1 100 Continue\r\n\r', `\n${OK}`]],
  ['an unknown one with headers', ['HTTP/1.1 199 x\r\nVia: 1.1 front\r\n\r\n', OK]],
  ['as many bytes as may be', [filler(INFORMATIONAL_BYTES_MAX / 2).repeat(2), OK]],
];

it.each(BEFORE)('%s before an answer changes nothing', async (_, pieces) => {
  const { answers, connections } = await answersTo(pieces, 3);
  const headers = { 'content-length': '2', 'x-one': '1' };
  expect(answers).toEqual(Array(3).fill({ status: 200, headers, body: '{}' }));
  expect(connections).toBe(1);
});

it.each([
  ['more bytes than may be', [filler(INFORMATIONAL_BYTES_MAX), CONTINUE, OK]],
  ['a head without an end', [`HTTP/1.1 100 ${'x'.repeat(INFORMATIONAL_BYTES_MAX)}`]],
] as const)('%s before an answer break the connection', async (_, pieces) => {
  const { answers } = await answersTo(pieces);
  expect(answers).toEqual([{ failure: 'reset', sent: true, reason: 'TOO_MANY_INFORMATIONAL' }]);
});

it('a protocol that nobody asked for is not changed to', async () => {
  const { answers } = await answersTo([
    'HTTP/1.1 101 x\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n',
  ]);
  expect(answers).toMatchObject([{ failure: 'reset', sent: true }]);
});

it('a body may look like an informational answer', async () => {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${CONTINUE.length}\r\n\r\n`;
  const { answers } = await answersTo([head, CONTINUE], 2);
  expect(answers).toMatchObject([{ body: CONTINUE }, { body: CONTINUE }]);
});

describe.each(['http', 'https'] as const)('by %s', (by) => {
  it('a 100 is dropped', async () => {
    const servers = await answerByBoth((_: IncomingMessage, response: ServerResponse) => {
      response.writeContinue();
      response.end('{}');
    });
    const { close, send } = createUndiciSend();
    const request = { method: 'GET', origin: servers.origins[by], path: '/', headers: {} } as const;
    const transport = { id: by, ca: servers.ca, connectTimeoutMs: 5_000, connectionsMax: 1 };
    expect(await send(request, 20_000, transport)).toMatchObject({ status: 200, body: '{}' });
    await close();
    await servers.close();
  });
});
