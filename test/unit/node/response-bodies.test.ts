import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../../../src/limits.ts';
import { UNREADABLE_BODY } from '../../../src/ports.ts';
import { answersTo } from './raw-answers.ts';

const TEXT = '{"name":"Zoë"}';
const PLAIN = Buffer.from(TEXT);
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const LATIN_1 = Buffer.from(TEXT, 'latin1');
const most = (bytes: number): Buffer => Buffer.alloc(bytes, ' ');
const gzipped = gzipSync(PLAIN);

async function answerOf(body: Buffer, coding?: string, status = 200) {
  const more = coding === undefined ? '' : `Content-Encoding: ${coding}\r\n`;
  const head = `HTTP/1.1 ${status} x\r\n${more}Content-Length: ${body.length}\r\n\r\n`;
  const { answers, requests } = await answersTo([Buffer.concat([Buffer.from(head), body])]);
  return { answer: answers[0], request: requests[0] };
}

it('no coding is asked for', async () => {
  expect((await answerOf(PLAIN)).request).toContain('\r\naccept-encoding: identity\r\n');
});

it.each([
  ['no coding', PLAIN, undefined],
  ['gzip', gzipped, 'gzip'],
  ['gzip in capitals', gzipped, 'GZIP'],
  ['x-gzip', gzipped, 'x-gzip'],
  ['gzip in two members', Buffer.concat([gzipSync('{"name"'), gzipSync(':"Zoë"}')]), 'gzip'],
  ['deflate', deflateSync(PLAIN), 'deflate'],
  ['br', brotliCompressSync(PLAIN), 'br'],
  ['identity', PLAIN, 'identity'],
  ['a coding that is none', PLAIN, 'utf-8'],
  ['the name of what every object has', PLAIN, 'constructor'],
  ['a byte order mark', Buffer.concat([BOM, PLAIN]), undefined],
  ['gzip of a byte order mark', gzipSync(Buffer.concat([BOM, PLAIN])), 'gzip'],
])('a body with %s is read', async (_, body, coding) => {
  expect((await answerOf(body, coding)).answer).toMatchObject({ status: 200, body: TEXT });
});

it.each([
  ['Latin-1', LATIN_1, undefined],
  ['gzip of Latin-1', gzipSync(LATIN_1), 'gzip'],
  ['half of a character', Buffer.concat([PLAIN, Buffer.from([0xc3])]), undefined],
  ['UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), undefined],
  ['plain text called gzip', PLAIN, 'gzip'],
  ['plain text called deflate', PLAIN, 'deflate'],
  ['gzip without its end', gzipped.subarray(0, -9), 'gzip'],
  ['gzip with a wrong sum', Buffer.concat([gzipped.subarray(0, -8), most(8)]), 'gzip'],
  ['gzip and more', Buffer.concat([gzipped, PLAIN]), 'gzip'],
  ['deflate without its end', deflateSync(PLAIN).subarray(0, -5), 'deflate'],
  ['gzip of gzip', gzipSync(gzipped), 'gzip, gzip'],
])('a body of %s is unreadable, and its status is kept', async (_, body, coding) => {
  const { answer } = await answerOf(body, coding, 404);
  expect(answer).toMatchObject({ status: 404, body: UNREADABLE_BODY });
});

it('an empty body has no coding', async () => {
  expect((await answerOf(Buffer.alloc(0), 'gzip')).answer).toMatchObject({ status: 200, body: '' });
});

it.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('what %s unfolds to is no longer than any other body', async (coding, encode) => {
  const longest = await answerOf(encode(most(RESPONSE_BODY_BYTES_MAX)), coding);
  expect((longest.answer as HttpResponse).body).toHaveLength(RESPONSE_BODY_BYTES_MAX);
  const { answer } = await answerOf(encode(most(RESPONSE_BODY_BYTES_MAX + 1)), coding);
  expect(answer).toEqual({ failure: 'answer_too_large', sent: true, reason: 'ANSWER_TOO_LARGE' });
});
