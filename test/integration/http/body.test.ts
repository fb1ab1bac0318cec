import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, call, expectProblem, part, sendRaw } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { changesSeen, NERM } from '../../support/profiles.ts';

const BODY_BYTES_MAX = 256 * 1024;
const ACCEPTED = 'application/merge-patch+json, application/json';

let gateway: RunningGateway;
let changes: number;
beforeAll(async () => {
  gateway = await startGateway();
  changes = changesSeen(gateway);
});
afterAll(() => gateway.stop());

const send = (options: Call) =>
  call(gateway.origin, `/profiles/${NERM}`, { method: 'PATCH', ...options });
const typed = (type: string, body: Call['body'] = '{}'): Call => ({
  headers: { 'content-type': type },
  body,
});

describe('a body of another form', () => {
  it.each([
    'text/plain',
    'application/json-patch+json',
    'application/merge-patch',
    'application/jsonx',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset="utf-16"',
    'application/json, text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    '*/*',
    '',
  ])('is refused with what is taken: %s', async (type) => {
    const answer = await send(typed(type));
    expectProblem(answer, 415, 'unsupported_media_type');
    expect(answer.headers['accept-patch']).toBe(ACCEPTED);
  });

  it('or without a type is refused', async () => {
    const answer = await send({ body: '{}' });
    expectProblem(answer, 415, 'unsupported_media_type');
    expect(answer.headers['accept-patch']).toBe(ACCEPTED);
  });

  it.each(['gzip', 'br', 'deflate, gzip', 'GZIP', 'unknown'])('is refused when %s', async (how) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': how };
    const answer = await send({ headers, body: gzipSync('{"name":"zipped"}') });
    expectProblem(answer, 415, 'unsupported_media_type');
    expect(answer.headers['accept-patch']).toBe(ACCEPTED);
  });

  it.each([
    'application/json',
    'application/merge-patch+json',
    'Application/JSON ; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/merge-patch+json; charset=utf8',
    'application/json;',
    'application/json; charset=utf-8;',
    'application/json; profile="x;y"; charset=us-ascii',
  ])('is taken as %s', async (type) => {
    expect((await send(typed(type))).status).toBe(200);
  });

  it('is taken when it says that it is not compressed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'identity' };
    expect((await send({ headers, body: '{}' })).status).toBe(200);
  });
});

describe('a body that is no JSON', () => {
  it.each<[string, Call['body']]>([
    ['empty', ''],
    ['blank', ' \n'],
    ['cut off', '{"name":"x"'],
    ['single quotes', "{'name':'x'}"],
    ['a trailing comma', '{"name":"x",}'],
    ['a comment', '{/* */}'],
    ['two documents', '{}{}'],
    ['NaN', '{"attributes":{"a":NaN}}'],
    ['a hexadecimal number', '{"attributes":{"a":0x10}}'],
    ['a leading zero', '{"attributes":{"a":01}}'],
    ['a raw control character', '{"name":"a\u0001b"}'],
    ['a raw newline', '{"name":"a\nb"}'],
    ['a bad escape', '{"name":"\\x41"}'],
    ['an open string', '{"name":"x\\"}'],
    ['closing brackets', ']'.repeat(1000)],
    ['UTF-16', Buffer.from('{"name":"x"}', 'utf16le')],
    ['a NUL', '{}\0'],
    ['UTF-8 that breaks off', Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x7d])],
    ['an overlong UTF-8', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['half a surrogate pair in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x01])],
  ])('is refused: %s', async (_, body) => {
    const seen = gateway.upstream.length;
    const answer = await send(body === undefined ? {} : typed('application/json', body));
    expectProblem(answer, 400, 'malformed_json');
    expect(gateway.upstream.length).toBe(seen);
  });

  it('does not come back in the problem', async () => {
    const answer = await send(typed('application/json', '{"name":"CANARY-7351"'));
    expect(answer.text).not.toContain('CANARY');
  });

  it('is not taken for one because of a byte order mark, which parsers may ignore', async () => {
    const bytes = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from('{"name":"marked"}'),
    ]);
    const answer = await send(typed('application/json', bytes));
    expect(part(answer, 'profile').name).toBe('marked');
    changes = changesSeen(gateway);
  });
});

describe('a body too large', () => {
  const head = (...lines: string[]): string =>
    [
      `PATCH /profiles/${NERM} HTTP/1.1`,
      'Host: localhost',
      'Content-Type: application/json',
      ...lines,
      '',
      '',
    ].join('\r\n');

  it('is refused by its announcement alone', async () => {
    const seen = gateway.upstream.length;
    const text = await sendRaw(gateway.origin, head(`Content-Length: ${BODY_BYTES_MAX + 1}`));
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i);
    expect(text).toContain('"code":"body_too_large"');
    expect(gateway.upstream.length).toBe(seen);
  });

  it('is refused while it comes in chunks, before it is whole', async () => {
    const { answer, sentBytes } = await sendChunksUntilAnswered(head('Transfer-Encoding: chunked'));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"body_too_large"');
    expect(sentBytes).toBeLessThan(64 * BODY_BYTES_MAX);
  });

  it('by one byte is refused, and by none is not', async () => {
    const padded = (bytes: number) => `{"attributes":{}${' '.repeat(bytes - 17)}}`;
    const refused = await send(typed('application/json', padded(BODY_BYTES_MAX + 1)));
    expectProblem(refused, 413, 'body_too_large');
    const taken = await send(typed('application/json', padded(BODY_BYTES_MAX)));
    expect(taken.status).toBe(200);
  });

  it('of an announced length that is no number is refused by the server', async () => {
    const text = await sendRaw(gateway.origin, head('Content-Length: many'));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('that breaks off changes nothing', async () => {
    const part = `${head('Content-Length: 40')}{"name":"half`;
    await sendRaw(gateway.origin, part, 200);
    expect((await send(typed('application/json'))).status).toBe(200);
    expect(changesSeen(gateway)).toBe(changes);
  });
});

/** Sends 16 KiB chunks for as long as there is no answer. */
function sendChunksUntilAnswered(head: string): Promise<{ answer: string; sentBytes: number }> {
  const { hostname, port } = new URL(gateway.origin);
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  return new Promise((resolve) => {
    let sentBytes = 0;
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port) });
    const done = (): void => {
      socket.destroy();
      resolve({ answer, sentBytes });
    };
    const sendMore = (): void => {
      if (answer !== '' || socket.destroyed) return;
      sentBytes += 0x4000;
      socket.write(chunk, () => setImmediate(sendMore));
    };
    socket.once('connect', () => socket.write(head, sendMore));
    socket.on('data', (bytes) => {
      answer += bytes.toString('utf8');
      if (answer.includes('body_too_large')) done();
    });
    socket.once('error', done);
    socket.once('close', done);
  });
}
