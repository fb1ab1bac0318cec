import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { RESPONSE_BODY_BYTES_MAX } from '../../../src/limits.ts';

/** An answer of a vendor's sandbox before it is mangled. */
export type Plain = {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
};

/** Bytes as they leave, piece by piece; the connection closes after them where `closes`. */
export type Raw = { readonly pieces: readonly (string | Buffer)[]; readonly closes?: boolean };

type Mangle = (plain: Plain) => Raw;

/** The head and the body of an answer, with a `Content-Length` where the headers have no other. */
function whole(status: number, headers: readonly string[], body: Buffer): Buffer {
  const framed = headers.some((line) => /^(?:content-length|transfer-encoding):/i.test(line));
  const lines = framed ? headers : [...headers, `Content-Length: ${body.length}`];
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} x\r\n`), head(lines), body]);
}

function head(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1');
}

/** The answer after the `pieces` of an informational one. */
const after =
  (...pieces: readonly string[]): Mangle =>
  ({ body, headers, status }) => ({ pieces: [...pieces, whole(status, headers, body)] });

/** The answer with another body, and with more headers. */
const withBody =
  (change: (body: Buffer) => Buffer, ...more: readonly string[]): Mangle =>
  ({ body, headers, status }) => ({ pieces: [whole(status, [...headers, ...more], change(body))] });

/** An answer of `status` in place of the vendor's. */
const instead =
  (status: number, body = '', ...headers: readonly string[]): Mangle =>
  () => ({ pieces: [whole(status, headers, Buffer.from(body))] });

/** The answer in another framing; `change` gives the lines that frame, and the bytes. */
const framed =
  (change: (body: Buffer) => Raw & { readonly lines: readonly string[] }): Mangle =>
  ({ body, headers, status }) => {
    const { closes = false, lines, pieces } = change(body);
    const first = Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status} x\r\n`),
      head([...headers, ...lines]),
    ]);
    return { pieces: [first, ...pieces], closes };
  };

const GZIP = 'Content-Encoding: gzip';
const DEFLATE = 'Content-Encoding: deflate';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const EARLY = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n';
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n';
const HERE = 'Location: /elsewhere';
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

const bomb = (): Buffer => Buffer.alloc(RESPONSE_BODY_BYTES_MAX + 1, ' ');
const chunk = (body: Buffer): string => `${body.length.toString(16)}\r\n${body.toString('latin1')}`;
const chunks = (body: Buffer): Buffer => Buffer.from(`${chunk(body)}\r\n`, 'latin1');
const utf16 = (body: Buffer): Buffer => Buffer.from(body.toString('utf8'), 'utf16le');
/** The bytes at the start of a name. */
const named = (body: Buffer, bytes: string): Buffer =>
  Buffer.from(body.toString('latin1').replace(/("name": ?")/, `$1${bytes}`), 'latin1');
/** A byte that no UTF-8 has. */
const latin1 = (body: Buffer): Buffer => named(body, 'caf\u00e9');

export const answers: Readonly<Record<string, Mangle>> = {
  'as-it-is': after(),
  // Informational answers before it
  'one-100': after(CONTINUE),
  'two-100': after(CONTINUE, CONTINUE),
  'one-100-with-headers': after('HTTP/1.1 100 Continue\r\nVia: 1.1 front\r\nX-A: b\r\n\r\n'),
  'one-100-in-bytes': after(...CONTINUE),
  'one-102': after(PROCESSING),
  'one-103': after(EARLY),
  'all-1xx': after(PROCESSING, CONTINUE, EARLY, CONTINUE + EARLY, 'HTTP/1.1 110 x\r\n\r\n'),
  'joined-100': ({ body, headers, status }) => ({
    pieces: [Buffer.concat([Buffer.from(CONTINUE), whole(status, headers, body)])],
  }),
  'only-100': () => ({ pieces: [CONTINUE], closes: true }),
  'half-100': () => ({ pieces: ['HTTP/1.1 100 Con'], closes: true }),
  // Codings
  gzip: withBody(gzipSync, GZIP),
  'x-gzip': withBody(gzipSync, 'Content-Encoding: x-gzip'),
  'upper-gzip': withBody(gzipSync, 'Content-Encoding: GZIP'),
  deflate: withBody(deflateSync, DEFLATE),
  'deflate-raw': withBody(deflateRawSync, DEFLATE),
  br: withBody(brotliCompressSync, 'Content-Encoding: br'),
  identity: withBody((body) => body, 'Content-Encoding: identity'),
  'unknown-coding': withBody((body) => body, 'Content-Encoding: utf-8'),
  'gzip-twice': withBody((body) => gzipSync(gzipSync(body)), 'Content-Encoding: gzip, gzip'),
  'gzip-but-plain': withBody((body) => body, GZIP),
  'deflate-but-plain': withBody((body) => body, DEFLATE),
  'gzip-cut': withBody((body) => gzipSync(body).subarray(0, -9), GZIP),
  'deflate-cut': withBody((body) => deflateSync(body).subarray(0, -5), DEFLATE),
  'br-cut': withBody((body) => brotliCompressSync(body).subarray(0, -5), 'Content-Encoding: br'),
  'gzip-wrong-sum': withBody(
    (body) => Buffer.concat([gzipSync(body).subarray(0, -8), Buffer.alloc(8, 7)]),
    GZIP,
  ),
  'gzip-in-two': withBody(
    (body) => Buffer.concat([gzipSync(body.subarray(0, 9)), gzipSync(body.subarray(9))]),
    GZIP,
  ),
  'gzip-and-more': withBody((body) => Buffer.concat([gzipSync(body), Buffer.from('more')]), GZIP),
  'gzip-of-nothing': withBody(() => gzipSync(''), GZIP),
  'gzip-without-body': withBody(() => Buffer.alloc(0), GZIP),
  'gzip-bomb': withBody(() => gzipSync(bomb()), GZIP),
  'deflate-bomb': withBody(() => deflateSync(bomb()), DEFLATE),
  'br-bomb': withBody(() => brotliCompressSync(bomb()), 'Content-Encoding: br'),
  'gzip-latin1': withBody((body) => gzipSync(latin1(body)), GZIP),
  'gzip-bom': withBody((body) => gzipSync(Buffer.concat([BOM, body])), GZIP),
  // Characters
  bom: withBody((body) => Buffer.concat([BOM, body])),
  'bom-twice': withBody((body) => Buffer.concat([BOM, BOM, body])),
  'only-bom': withBody(() => BOM),
  latin1: withBody(latin1),
  'utf-8-cut': withBody((body) => Buffer.concat([body, Buffer.from([0xc3])])),
  surrogates: withBody((body) => named(body, '\u00ed\u00a0\u0080')),
  'utf-16le': withBody(utf16),
  'utf-16le-bom': withBody((body) => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(body)])),
  'utf-16be-bom': withBody((body) =>
    Buffer.concat([Buffer.from([0xfe, 0xff]), utf16(body).swap16()]),
  ),
  'header-utf-8': withBody((body) => body, 'X-Request-Id: \u00c3\u00a9'),
  'header-latin1': withBody((body) => body, 'X-Request-Id: \u00e9'),
  // Empty bodies
  'empty-200': instead(200),
  'empty-201': instead(201),
  'empty-202': instead(202),
  'empty-204': () => ({ pieces: ['HTTP/1.1 204 No Content\r\n\r\n'] }),
  'length-204': () => ({ pieces: ['HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'] }),
  'empty-205': instead(205),
  // Redirects
  ...Object.fromEntries(
    [300, 301, 302, 303, 307, 308].map((status) => [`${status}`, instead(status, '{}', HERE)]),
  ),
  '303-nowhere': instead(303),
  '304': () => ({ pieces: ['HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'] }),
  // Errors with bodies that are not text
  '404-latin1': () => ({ pieces: [whole(404, [], Buffer.from('n\u00e3o', 'latin1'))] }),
  '404-id-latin1': instead(404, '{}', 'X-Request-Id: \u00e9', 'X-Openstack-Request-Id: \u00e9'),
  '404-gzip': () => ({ pieces: [whole(404, [GZIP], gzipSync('{"error":"not here"}'))] }),
  '409-gzip-but-plain': () => ({ pieces: [whole(409, [GZIP], Buffer.from('{"error":"x"}'))] }),
  '503-latin1': () => ({
    pieces: [whole(503, ['Retry-After: 1'], Buffer.from('indispon\u00edvel', 'latin1'))],
  }),
  // Framing
  chunked: framed((body) => ({
    lines: ['Transfer-Encoding: chunked'],
    pieces: [chunks(body.subarray(0, 7)), chunks(body.subarray(7)), '0\r\n\r\n'],
  })),
  'chunked-cut': framed((body) => ({
    lines: ['Transfer-Encoding: chunked'],
    pieces: [chunks(body.subarray(0, 7))],
    closes: true,
  })),
  trailers: framed((body) => ({
    lines: ['Transfer-Encoding: chunked'],
    pieces: [chunks(body), '0\r\nX-Sum: 1\r\n\r\n'],
  })),
  'until-closed': framed((body) => ({ lines: [], pieces: [body], closes: true })),
  'too-short': framed((body) => ({
    lines: [`Content-Length: ${body.length + 9}`],
    pieces: [body],
    closes: true,
  })),
  'too-long': framed((body) => ({ lines: [`Content-Length: ${body.length - 3}`], pieces: [body] })),
  huge: instead(200, ' '.repeat(RESPONSE_BODY_BYTES_MAX + 1)),
  'huge-chunked': framed(() => ({
    lines: ['Transfer-Encoding: chunked'],
    pieces: [chunks(bomb()), '0\r\n\r\n'],
  })),
  'huge-503': instead(503, ' '.repeat(RESPONSE_BODY_BYTES_MAX + 1)),
  'http-1.0': ({ body, status }) => ({
    pieces: [`HTTP/1.0 ${status} x\r\n\r\n`, body],
    closes: true,
  }),
  silence: () => ({ pieces: [], closes: true }),
  garbage: () => ({ pieces: ['garbage\r\n\r\n'], closes: true }),
};
