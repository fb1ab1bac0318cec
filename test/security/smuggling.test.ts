import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, expectProblem, MERGE_PATCH, sendRaw } from '../support/client.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { changesSeen, NERM, upstreamIdOf } from '../support/profiles.ts';

const KEY = 'key-of-the-attacker-1';
const HOST = 'Host: localhost\r\n';
const BODY = '{"name":"a"}';
const CHUNKS = `c\r\n${BODY}\r\n0\r\n\r\n`;
const HEAD =
  `PATCH /profiles/${NERM} HTTP/1.1\r\n${HOST}Authorization: Bearer ${KEY}\r\n` +
  'Content-Type: application/json\r\n';
/** What an attacker wants to be taken as a request of its own. */
const HIDDEN = `${HEAD}Content-Length: 19\r\n\r\n{"name":"smuggled"}`;

let open: RunningGateway;
let closed: RunningGateway;
beforeAll(async () => {
  open = await startGateway();
  const scopes = ['profiles:read', 'profiles:write'];
  closed = await startGateway({ callers: { attacker: { key: KEY, scopes } } });
});
afterAll(async () => {
  await open.stop();
  await closed.stop();
});

const statusesOf = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status);

/** Sends bytes to both gateways: one refusal each, the connection closed, nothing upstream. */
async function refused(bytes: string, statuses = ['400']): Promise<void> {
  for (const gateway of [open, closed]) {
    const seen = gateway.upstream.length;
    expect(statusesOf(await sendRaw(gateway.origin, bytes, 250))).toEqual(statuses);
    expect(gateway.upstream.length).toBe(seen);
    expect(changesSeen(gateway)).toBe(0);
  }
}

const chunked = 'Transfer-Encoding: chunked\r\n';
const framed = (headers: string, body: string): string => `${HEAD}${headers}\r\n${body}${HIDDEN}`;

describe('a request whose end can be read in two ways is refused, and so is what follows it', () => {
  it.each<[string, string]>([
    ['a length and chunks', framed(`Content-Length: 12\r\n${chunked}`, CHUNKS)],
    ['chunks and a length', framed(`${chunked}Content-Length: 12\r\n`, CHUNKS)],
    ['a length of nothing and chunks', framed(`Content-Length: 0\r\n${chunked}`, CHUNKS)],
    ['one length twice', framed('Content-Length: 12\r\nContent-Length: 12\r\n', BODY)],
    ['two lengths', framed('Content-Length: 12\r\nContent-Length: 0\r\n', BODY)],
    ['two lengths, the first none', framed('Content-Length: 0\r\nContent-Length: 12\r\n', BODY)],
    ['a list of lengths', framed('Content-Length: 12, 12\r\n', BODY)],
    ...['+12', '-1', '0xc', '1 2', '12.0', '99999999999999999999', '', '\u000b12'].map(
      (length): [string, string] => [
        `the length ${JSON.stringify(length)}`,
        framed(`Content-Length: ${length}\r\n`, BODY),
      ],
    ),
    ['a blank before the colon of a length', framed('Content-Length : 12\r\n', BODY)],
    ['a blank before the colon of chunks', framed('Transfer-Encoding : chunked\r\n', CHUNKS)],
    ['a folded line', framed('X-A: 1\r\n Content-Length: 3\r\nContent-Length: 12\r\n', BODY)],
    ['a folded coding', framed('Transfer-Encoding:\r\n chunked\r\n', CHUNKS)],
    ['a line folded by a tab', framed('X-A: 1\r\n\tb\r\nContent-Length: 12\r\n', BODY)],
    [
      'a folded first line',
      `${HEAD.replace(HOST, ` X: 1\r\n${HOST}`)}Content-Length: 12\r\n\r\n${BODY}`,
    ],
    ...[
      'xchunked',
      'chunked, identity',
      'identity, chunked',
      'gzip, chunked',
      'chunked, chunked',
      'chunked;q=1',
      '"chunked"',
      '\u000bchunked',
      'chunked\u0000',
    ].map((coding): [string, string] => [
      `the coding ${JSON.stringify(coding)}`,
      framed(`Transfer-Encoding: ${coding}\r\n`, CHUNKS),
    ]),
    ['chunks told twice', framed(chunked + chunked, CHUNKS)],
    ['chunks and another coding', framed(`${chunked}Transfer-Encoding: cow\r\n`, CHUNKS)],
    ['chunks by HTTP/1.0', framed(chunked, CHUNKS).replace('HTTP/1.1', 'HTTP/1.0')],
    ...['0xc', '-1', '10000000000000000c', 'c ', ' c', '', 'g'].map((size): [string, string] => [
      `the chunk size ${JSON.stringify(size)}`,
      framed(chunked, `${size}\r\n${BODY}\r\n0\r\n\r\n`),
    ]),
    ['chunks with bare line ends', framed(chunked, `c\n${BODY}\n0\n\n`)],
    ['a chunk extension with a bare line end', framed(chunked, `c;a\nb\r\n${BODY}\r\n0\r\n\r\n`)],
    ['a chunk longer than its size', framed(chunked, `c\r\n${BODY}XX\r\n0\r\n\r\n`)],
    ['trailers that frame', framed(chunked, `c\r\n${BODY}\r\n0\r\nContent-Length: 3\r\n\r\n`)],
    ['bare line ends', framed('Content-Length: 12\r\n', BODY).replaceAll('\r\n', '\n')],
    ['a bare line end in a value', framed('X: a\nContent-Length: 12\r\n', BODY)],
    ['a bare return in a value', framed('X: a\rContent-Length: 12\r\n', BODY)],
    ['NUL in a value', framed('X: a\u0000b\r\nContent-Length: 12\r\n', BODY)],
    ['NUL in a name', framed('X\u0000: a\r\nContent-Length: 12\r\n', BODY)],
    ['a line without a colon', framed('X\r\nContent-Length: 12\r\n', BODY)],
    ['two hosts', framed('Host: evil.example\r\nContent-Length: 12\r\n', BODY)],
    ['one host twice', framed(`${HOST}Content-Length: 12\r\n`, BODY)],
    ['no host', framed('Content-Length: 12\r\n', BODY).replaceAll(HOST, '')],
    ['a blank in the target', HIDDEN.replace(' HTTP/1.1', ' x HTTP/1.1')],
    ['HTTP/0.9', `GET /profiles/${NERM}\r\n\r\n`],
    ['HTTP/2 in the line', `GET /profiles/${NERM} HTTP/2.0\r\n${HOST}\r\n`],
    ['HTTP/2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s', async (_, bytes) => refused(bytes));

  it('a tunnel', async () =>
    refused(`CONNECT example.com:80 HTTP/1.1\r\n${HOST}\r\n${HIDDEN}`, ['501']));
});

describe('what a request does not need is not taken as the next one:', () => {
  it.each([
    [
      'the body of a GET',
      `GET /healthz HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    ],
    [
      'the body of a refused media type',
      `${HEAD.replace('application/json', 'text/plain')}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    ],
    [
      'the body of an unknown path',
      `POST /nope HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    ],
  ])('%s', async (_, bytes) => {
    for (const gateway of [open, closed]) {
      const seen = gateway.upstream.length;
      expect(statusesOf(await sendRaw(gateway.origin, bytes, 250))).toHaveLength(1);
      expect(gateway.upstream.length).toBe(seen);
    }
  });

  it('two plain requests on one connection are two', async () => {
    const seen = closed.upstream.length;
    const text = await sendRaw(closed.origin, `${HIDDEN}${HEAD}${chunked}\r\n${CHUNKS}`, 1_000);
    expect(statusesOf(text)).toEqual(['200', '200']);
    const paths = closed.upstream.slice(seen).map(({ path }) => path);
    expect(paths.every((path) => path.endsWith(upstreamIdOf(NERM)))).toBe(true);
  });
});

describe('headers that are given twice', () => {
  it('prove nobody', async () => {
    for (const second of [KEY, 'another']) {
      const bytes = `${HIDDEN.replace('\r\n', `\r\nAuthorization: Bearer ${second}\r\n`)}`;
      const text = await sendRaw(closed.origin, bytes, 250);
      expect(statusesOf(text)).toEqual(['401']);
    }
  });

  it('or beyond any count still count', async () => {
    const junk = Array.from({ length: 4_000 }, (_, i) => [`x${i}`, '1']);
    const headers = { ...MERGE_PATCH, ...Object.fromEntries(junk), 'if-match': '"another"' };
    const options = { method: 'PATCH', headers, body: BODY };
    const answer = await call(open.origin, `/profiles/${NERM}`, options);
    expectProblem(answer, 412, 'precondition_failed');
  });
});
