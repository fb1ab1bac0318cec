import { STATUS_CODES } from 'node:http';
import { PROBLEM_TYPE } from '../../http/problem-details.ts';

/** A request that the server refuses before the application sees it. */
export type RefusedRequest = {
  readonly requestId: string;
  readonly status: number;
  readonly code: RefusalCode;
  /** For the log: an error code or words of ours, nothing that the caller wrote. */
  readonly reason: string;
};

/** Called with each refusal. */
export type OnRefused = (refusal: RefusedRequest) => void;

/** Statuses and details by code. They need no entry in `/problems`: the status says it all. */
const REFUSALS = {
  malformed_request: [400, 'The request is not HTTP/1.1 with one Host and one plain framing.'],
  request_timeout: [408, 'The request did not arrive in time.'],
  chunk_extensions_too_large: [413, 'The chunks of the body have too many extensions.'],
  expectation_failed: [417, 'The only expectation that is met is 100-continue.'],
  headers_too_large: [431, 'The headers are larger than 64 KiB.'],
  internal_error: [500, 'The gateway failed; search its log for the request id.'],
  method_not_implemented: [501, 'The API has no such method; methods are in upper case.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type RefusalCode = keyof typeof REFUSALS;

export function refusalOf(code: RefusalCode, reason: string): RefusedRequest {
  return { requestId: crypto.randomUUID(), status: REFUSALS[code][0], code, reason };
}

/** The answer to a refused request, as headers and a body. */
export function problemOfRefusal({ code, requestId, status }: RefusedRequest) {
  const title = STATUS_CODES[status] ?? '';
  const [, detail] = REFUSALS[code];
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, code, requestId });
  const headers = {
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
    Connection: 'close',
  };
  return { headers, body };
}

/** The answer as Node's server would write it. */
export function responseText(refusal: RefusedRequest): string {
  const { body, headers } = problemOfRefusal(refusal);
  const { status } = refusal;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const date = `Date: ${new Date().toUTCString()}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${date}${lines.join('')}\r\n${body}`;
}

/** An error of Node's parser, with what it was given and how far it came. */
export type ParserError = NodeJS.ErrnoException & {
  readonly rawPacket?: Uint8Array;
  readonly bytesParsed?: number;
};

/** The refusal that an error of the parser or of a connection means; undefined where it is none. */
export function refusalOfError(error: ParserError): RefusedRequest | undefined {
  const { code = '' } = error;
  const known = CODES.get(code);
  if (known !== undefined) return refusalOf(known, code);
  if (!code.startsWith('HPE_')) return undefined;
  const isMethod = code === 'HPE_INVALID_METHOD' && isRequestLine(error);
  return refusalOf(isMethod ? 'method_not_implemented' : 'malformed_request', code);
}

const CODES: ReadonlyMap<string, RefusalCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request_timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'chunk_extensions_too_large'],
]);

/** Longest beginning of a request in which its first line is looked for. */
const LINE_BYTES_MAX = 8 * 1024;
const REQUEST_LINE = /^[\w!#$%&'*+.^`|~-]{1,64} \S+ HTTP\/1\.[01]\r\n/;

/** Reports whether the line in which the parser stopped is one of HTTP but for its method. */
function isRequestLine({ bytesParsed = 0, rawPacket }: ParserError): boolean {
  if (rawPacket === undefined) return false;
  const packet = Buffer.from(rawPacket.buffer, rawPacket.byteOffset, rawPacket.byteLength);
  const start = bytesParsed === 0 ? 0 : packet.lastIndexOf('\n', bytesParsed - 1) + 1;
  return REQUEST_LINE.test(packet.toString('latin1', start, start + LINE_BYTES_MAX));
}
