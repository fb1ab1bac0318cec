import { parseExact } from '../../../src/adapter-kit/exact-json.ts';
import { isObject, type Json, type JsonObject } from '../../../src/adapter-kit/json.ts';
import { asPythonObjectHolds, pythonJson } from '../../keystone/sandbox/python.ts';
import { decodeUtf8, readBody } from '../../sandbox-kit/request-body.ts';
import { notJsonMessage } from './json-message.ts';

/** senlin.conf `max_json_body_size` (transcript: body over 1 MiB). */
const BODY_BYTES_MAX = 1_048_576;

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise ' +
  'incorrect.';

const TEXTS: Readonly<Record<number, readonly [title: string, explanation: string]>> = {
  400: ['Bad Request', MALFORMED],
  403: ['Forbidden', 'Access was denied to this resource.'],
  404: ['Not Found', 'The resource could not be found.'],
  406: ['Not Acceptable', MALFORMED],
  409: ['Conflict', 'There was a conflict when trying to complete your request.'],
  500: [
    'Internal Server Error',
    'The server has either erred or is incapable of performing the requested operation.',
  ],
  503: [
    'Service Unavailable',
    'The server is currently unavailable. Please try again at a later time.',
  ],
};

/** The fault that senlin/api/middleware/fault.py writes as JSON. */
export class SenlinFault extends Error {
  readonly status: number;
  /** The name of the exception class, such as `ResourceNotFound`. */
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/** A refusal of the API layer itself. */
export function badRequest(message: string): SenlinFault {
  return new SenlinFault(400, 'HTTPBadRequest', message);
}

/** Senlin's TypeErrors, reported as a 400 with a generic text (transcript: name a number). */
export function malformed(): SenlinFault {
  return badRequest(MALFORMED);
}

export function notFound(identity: string): SenlinFault {
  const message = `The profile '${identity}' could not be found.`;
  return new SenlinFault(404, 'ResourceNotFound', message);
}

export function faultAnswer(fault: SenlinFault): Response {
  const [title = '', explanation = ''] = TEXTS[fault.status] ?? [];
  const { status: code, message, type } = fault;
  return jsonAnswer(code, { code, error: { code, message, type }, explanation, title });
}

/** Senlin's answers have sorted keys at every depth (transcript: create os.heat.stack-1.0). */
export function jsonAnswer(
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, pythonJson(body, { sortKeys: true }), 'application/json', headers);
}

/** Version documents and refused tokens keep the order of their source. */
export function unsortedAnswer(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, pythonJson(body, { sortKeys: false }), 'application/json', headers);
}

/**
 * A plain WebOb answer, outside Senlin's own fault shape (transcripts: trailing slash, unscoped
 * token, version 0.9). `Accept` picks between HTML, text and a JSON whose `code` is a text.
 */
export function webobAnswer(status: number, detail: string, accept: string): Response {
  const [title = '', explanation = ''] = TEXTS[status] ?? [];
  const heading = `${status} ${title}`;
  if (/(^|[ ,])(application\/json)/i.test(accept) && !/text\/html/i.test(accept)) {
    const message = `${explanation}<br /><br />\n${detail}\n\n`;
    return unsortedAnswer(status, { message, code: heading, title });
  }
  if (accept !== '' && !/text\/html|\*\/\*/i.test(accept)) {
    const text = `${heading}\n\n${explanation}\n\n ${detail}  `;
    return answer(status, text, 'text/plain; charset=UTF-8');
  }
  const shown = detail.replaceAll('&', '&amp;').replaceAll("'", '&#x27;');
  const text =
    `<html>\n <head>\n  <title>${heading}</title>\n </head>\n <body>\n  <h1>${heading}</h1>\n` +
    `  ${explanation}<br /><br />\n${shown}\n\n\n </body>\n</html>`;
  return answer(status, text, 'text/html; charset=UTF-8');
}

/** keystonemiddleware's own shape; it names Keystone without a version (transcript: no token). */
export function unauthenticatedAnswer(keystone: string): Response {
  const message = 'The request you have made requires authentication.';
  const body = { error: { code: 401, title: 'Unauthorized', message } };
  return unsortedAnswer(401, body, { 'WWW-Authenticate': `Keystone uri="${keystone}"` });
}

export function noContentAnswer(): Response {
  const headers = { 'X-Openstack-Request-Id': `req-${crypto.randomUUID()}` };
  return new Response(null, { status: 204, headers });
}

/**
 * The body as Senlin's deserializer sees it (senlin/api/common/serializers.py): undefined when it
 * is not read as JSON at all, which most methods report as a malformed request. It requires a
 * Content-Length, `application/json`, `text/plain` or no type, and `{` as the very first byte.
 * A request with neither Content-Length nor Transfer-Encoding never was on a wire: its body counts.
 */
export async function readJsonBody(request: Request): Promise<JsonObject | undefined> {
  if (request.headers.has('transfer-encoding')) return undefined;
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  const known =
    type === '' || type.startsWith('text/plain') || ['application/json', 'JSON'].includes(type);
  const { bytes, isTooLarge } = await readBody(request, BODY_BYTES_MAX);
  if (!known || bytes[0] !== 0x7b) return undefined;
  if (isTooLarge) {
    const length = request.headers.get('content-length') ?? BODY_BYTES_MAX + 1;
    throw new SenlinFault(
      400,
      'RequestLimitExceeded',
      `Request limit exceeded: JSON body size (${length} bytes) exceeds maximum allowed ` +
        `size (${BODY_BYTES_MAX} bytes).`,
    );
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) throw badRequest("'utf-8' codec can't decode the request body");
  const body = parseExact(text);
  if (!isObject(body)) throw badRequest(notJsonMessage(text));
  return asPythonObjectHolds(body);
}

function answer(
  status: number,
  text: string,
  contentType: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, {
    status,
    headers: {
      ...headers,
      'Content-Type': contentType,
      'Content-Length': String(new TextEncoder().encode(text).length),
      // A client's own request id is not echoed (transcript).
      'X-Openstack-Request-Id': `req-${crypto.randomUUID()}`,
    },
  });
}
