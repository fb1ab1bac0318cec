import type { Context } from 'hono';
import type * as z from 'zod/mini';
import { FAULT_CODES, parseExact, parsePlain, type SchemaValue } from '../adapter-kit/index.ts';
import { type ListenerBinding, type ListenerRole, listenerOf } from '../http/middleware/entry.ts';
import { problemSchema } from '../http/openapi/response-schemas.ts';

/** Answers a request as the API does. */
export type AskApi = (request: Request, binding: ListenerBinding) => Response | Promise<Response>;

export type ApiProblem = Omit<SchemaValue<typeof problemSchema>, 'type'>;

/** An answer of the API, read by the schema of its document. */
export type ApiAnswer<T> =
  | { readonly ok: true; readonly value: T; readonly headers: Headers }
  | { readonly ok: false; readonly problem: ApiProblem };

/** Parts of a request to the API besides its path. */
export type ApiRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: string | object;
  readonly type?: string;
};

/** The API as one person may use it. */
export type Api = <T>(
  path: string,
  schema: z.ZodMiniType<T>,
  request?: ApiRequest,
) => Promise<ApiAnswer<T>>;

/**
 * Opens the API for the bearer of `credential`, so that the console shows and does nothing that
 * this caller could not. Requests keep the id of that of the page.
 */
export function openApi(c: Context, ask: AskApi, credential: string | undefined): Api {
  const { requestId } = c.get('state');
  return async (path, schema, { body, headers, method = 'GET', query = {}, type } = {}) => {
    const url = new URL(path, c.req.url);
    // An id of dots alone is a step up in a path, however it is encoded.
    if (url.pathname !== path) return { ok: false, problem: invalidPath(requestId) };
    url.search = new URLSearchParams(query).toString();
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const request = new Request(url, {
      method,
      headers: {
        'x-request-id': requestId,
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(text === undefined ? {} : { 'content-type': type ?? 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const role = roleFor(path, listenerOf(c), credential);
    const answer = await ask(request, { role, onCaller: () => c.env?.onCaller?.() });
    return await readAnswer(answer, schema, requestId);
  };
}

/**
 * Returns the listener that a request of the console seems to arrive at. Profiles are another
 * listener's where operators have one of their own; there, as everywhere, they need a caller. Who
 * has signed in at an open listener is named in what is done.
 */
function roleFor(path: string, role: ListenerRole, credential: string | undefined): ListenerRole {
  if (role === 'shared') return role;
  if (/^\/profiles(?:\/|$)/.test(path)) return 'profiles';
  return role === 'admin-open' && credential !== undefined ? 'admin' : role;
}

async function readAnswer<T>(
  answer: Response,
  schema: z.ZodMiniType<T>,
  requestId: string,
): Promise<ApiAnswer<T>> {
  const text = await answer.text();
  if (answer.ok) {
    const read = schema.safeParse(parseExact(text));
    if (read.success) return { ok: true, value: read.data, headers: answer.headers };
  }
  const problem = problemSchema().safeParse(parsePlain(text)).data;
  return { ok: false, problem: problem ?? unreadableAnswer(requestId) };
}

function invalidPath(requestId: string): ApiProblem {
  const detail = 'An address cannot name this id.';
  const { status, title } = FAULT_CODES.invalid_id;
  return { code: 'invalid_id', title, status, detail, requestId };
}

function unreadableAnswer(requestId: string): ApiProblem {
  const detail = 'The console cannot read the answer of the gateway; search its log.';
  return { code: 'internal_error', title: 'Internal error', status: 500, detail, requestId };
}
