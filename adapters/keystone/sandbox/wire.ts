import { parseExact } from '../../../src/adapter-kit/exact-json.ts';
import { isObject, type JsonObject } from '../../../src/adapter-kit/json.ts';
import { decodeUtf8, readBody } from '../../sandbox-kit/request-body.ts';
import { asciiOnly, asPythonObjectHolds, pythonJson } from './python.ts';

/** oslo.middleware `max_request_body_size` (transcript: body over the size limit). */
const BODY_BYTES_MAX = 114_688;

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
};

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise ' +
  'incorrect. The client is assumed to be in error.';

/** An answer other than success, in Keystone's own shape. */
export class KeystoneFault extends Error {
  readonly status: number;
  /** Members Keystone puts beside `code`, `message` and `title`. */
  readonly members: JsonObject;

  constructor(status: number, message: string, members: JsonObject = {}) {
    super(message);
    this.status = status;
    this.members = members;
  }
}

/** 400 `Expecting to find {what} in {where}.` (transcript: empty object, text/plain). */
export function expecting(what: string, where: string): KeystoneFault {
  return new KeystoneFault(400, `Expecting to find ${what} in ${where}. ${MALFORMED}`);
}

/** The one text for every refused credential (transcript: wrong password, unknown user). */
export function unauthenticated(): KeystoneFault {
  return new KeystoneFault(401, 'The request you have made requires authentication.');
}

export function forbidden(action: string): KeystoneFault {
  const text = `You are not authorized to perform the requested action: ${action}.`;
  return new KeystoneFault(403, text);
}

export function notFoundProject(id: string): KeystoneFault {
  return new KeystoneFault(404, `Could not find project: ${id}.`);
}

/** `reference` is what `WWW-Authenticate` names on a 401, the public endpoint. */
export function faultAnswer(fault: KeystoneFault, reference: string): Response {
  const { status, message, members } = fault;
  const error = { code: status, ...members, message, title: TITLES[status] ?? 'Error' };
  const headers = status === 401 ? { 'WWW-Authenticate': `Keystone uri="${reference}"` } : {};
  return answer(status, `${asciiOnly(JSON.stringify({ error }))}\n`, headers);
}

/** Keystone's refusal of a token it cannot look at any more: another spelling of the same shape. */
export function tokenFaultAnswer(message: string): Response {
  const error = { code: 404, title: 'Not Found', message };
  return answer(404, pythonJson({ error }, { sortKeys: false }));
}

/** 200s and their like, as Flask-RESTful writes them: spaces, source order, a last newline. */
export function jsonAnswer(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, `${pythonJson(body, { sortKeys: false })}\n`, headers);
}

export function answer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
  contentType = 'application/json',
): Response {
  return new Response(text, {
    status,
    headers: {
      'Content-Type': contentType,
      'Content-Length': String(new TextEncoder().encode(text).length),
      ...headers,
      ...requestHeaders(),
    },
  });
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}) {
  return new Response(null, { status, headers: { ...headers, ...requestHeaders() } });
}

/** Tokens and version documents: as `jsonAnswer`, without the last newline. */
export function documentAnswer(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, pythonJson(body, { sortKeys: false }), headers);
}

/** A path Keystone does not have (compared with Keystone 22: HTML, before any token is read). */
export function unknownPathAnswer(): Response {
  const text =
    '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n' +
    '<p>The requested URL was not found on the server. If you entered the URL manually please ' +
    'check your spelling and try again.</p>\n';
  return answer(404, text, {}, 'text/html; charset=utf-8');
}

/** A version document has no other method (compared with Keystone 22: HTML). */
export function documentMethodAnswer(): Response {
  const text =
    '<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n' +
    '<h1>Method Not Allowed</h1>\n<p>The method is not allowed for the requested URL.</p>\n';
  return answer(405, text, { Allow: 'GET, HEAD, OPTIONS' }, 'text/html; charset=utf-8');
}

/** transcript: PUT. */
export function methodAnswer(allow: string): Response {
  const body = { message: 'The method is not allowed for the requested URL.' };
  return jsonAnswer(405, body, { Allow: allow });
}

/**
 * Returns Keystone's answer when its own code breaks. The recorded server behind uwsgi closes the
 * connection without an answer (transcript: name taken by another project, curl exit 52); behind
 * mod_wsgi it is a 500, which is what a request handler can return.
 */
export function crashAnswer(): Response {
  const text = '<!DOCTYPE HTML>\n<title>500 Internal Server Error</title>\n';
  return answer(500, text, {}, 'text/html; charset=iso-8859-1');
}

/**
 * The body, or the answer that refuses it. Size comes first, then the media type, then JSON; all
 * three before the path, the method or the token are looked at (compared with Keystone 22).
 * A chunked body is not read (transcript: chunked request body). A request with neither
 * Content-Length nor Transfer-Encoding never was on a wire, so its body counts.
 */
export async function readJsonBody(request: Request): Promise<JsonObject | Response> {
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > BODY_BYTES_MAX) return tooLargeAnswer();
  if (request.headers.has('transfer-encoding')) return {};
  const { bytes, isTooLarge } = await readBody(request, BODY_BYTES_MAX);
  if (isTooLarge) return tooLargeAnswer();
  if (bytes.length === 0) return {};
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  // transcript: text/plain; no Content-Type; application/merge-patch+json.
  if (type && !/^application\/(json|[^;]+\+json)$/.test(type)) {
    throw expecting('application/json', 'Content-Type header');
  }
  const body = parseExact(decodeUtf8(bytes) ?? '');
  // transcript: invalid JSON, JSON array, JSON string.
  if (!isObject(body)) throw expecting('valid JSON', 'request body');
  return asPythonObjectHolds(body);
}

function tooLargeAnswer(): Response {
  const title = '413 Request Entity Too Large';
  const text =
    `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n` +
    `  Request is too large. Larger than max_request_body_size (${BODY_BYTES_MAX}).<br /><br />` +
    '\n\n\n\n </body>\n</html>';
  const headers = { 'Content-Type': 'text/html; charset=UTF-8' };
  return new Response(text, { status: 413, headers });
}

/** On every answer but the 413 (transcripts); a client's own request id is not echoed. */
function requestHeaders(): Readonly<Record<string, string>> {
  return { Vary: 'X-Auth-Token', 'x-openstack-request-id': `req-${crypto.randomUUID()}` };
}
