import * as z from 'zod/mini';
import {
  type HttpRequest,
  type HttpResponse,
  type Json,
  type JsonObject,
  jsonEqual,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import type { Send } from '../../src/ports.ts';
import { connect } from './bench.ts';

/// <reference types="vite/types/importMeta.d.ts" />

/** One recorded conversation with a vendor, and what the gateway must make of it. */
export type Recording = z.infer<typeof recordingSchema> & {
  readonly vendor: string;
  /** `<operation>.<case>`. */
  readonly name: string;
};

const json = z.custom<Json>((value) => value !== undefined);
const jsonObject = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);

const recordingSchema = z.strictObject({
  source: z.string().check(z.minLength(1)),
  operation: z.enum(['read', 'patch']),
  settings: jsonObject,
  id: z.string(),
  patch: z.optional(json),
  handling: z.optional(z.enum(['strict', 'lenient'])),
  exchanges: z.array(
    z.strictObject({
      request: z.strictObject({
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH']),
        path: z.string(),
        body: z.optional(json),
      }),
      response: z.strictObject({
        status: z.int(),
        headers: z.record(z.string(), z.string()),
        body: json,
      }),
    }),
  ),
  expect: z.strictObject({
    code: z.optional(z.string()),
    outcome: z.optional(z.enum(['applied', 'noop', 'rejected', 'partial', 'unknown'])),
    content: z.optional(jsonObject),
    losses: z.optional(z.array(json)),
    unconfirmed: z.optional(z.array(json)),
  }),
});

const texts = import.meta.glob<string>('../../adapters/*/fixtures/*.json', {
  eager: true,
  import: 'default',
  query: '?raw',
});

export const recordings: readonly Recording[] = Object.entries(texts).map(([path, text]) => {
  const [, vendor = '', name = ''] = /adapters\/([^/]+)\/fixtures\/(.+)\.json$/.exec(path) ?? [];
  const parsed = recordingSchema.safeParse(parseExact(text));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, vendor, name };
});

/** Cases that every vendor must have on record. */
export const CASES_REQUIRED = [
  'read.ok',
  'read.missing',
  'read.denied',
  'read.limited',
  'read.malformed',
  'patch.ok',
  'patch.clear',
  'patch.refused',
  'patch.unavailable',
];

/** The token that every identity service issues here. */
export const REPLAYED_TOKEN = 'replayed-token-not-real';

/** Answers a token request in the form of every identity service there is. */
const TOKEN_ANSWER: HttpResponse = {
  status: 201,
  headers: { 'x-subject-token': REPLAYED_TOKEN },
  body: JSON.stringify({
    token: { expires_at: '2099-01-01T00:00:00.000000Z' },
    access_token: REPLAYED_TOKEN,
    token_type: 'Bearer',
    expires_in: 3600,
  }),
};

/** Whether a request is the one by which the connection gets its token. */
export function tokenRequestTest({
  settings,
  vendor,
}: Pick<Recording, 'settings' | 'vendor'>): (request: HttpRequest) => boolean {
  const { authorization } = connect(vendor, settings);
  if (authorization.kind !== 'token') return () => false;
  const first = authorization.acquire().next();
  if (first.done === true) return () => false;
  const { origin, path } = first.value;
  return (request) => request.origin === origin && request.path === path;
}

export function responseOf(recorded: Recording['exchanges'][number]['response']): HttpResponse {
  const { body, headers, status } = recorded;
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

export type Player = {
  readonly send: Send;
  /** The requests that no recorded one stands for, as text; must stay empty. */
  readonly unexpected: string[];
  /** How many recorded exchanges are still to come. */
  readonly left: () => number;
};

/**
 * Plays the exchanges in order. The core repeats a request after a 401 with a fresh token, and a
 * read after a 502, 503 or 504: a repeat gets the same answer again and is not recorded.
 */
export function createPlayer(recording: Recording): Player {
  const isTokenRequest = tokenRequestTest(recording);
  const unexpected: string[] = [];
  let next = 0;
  const send: Send = async (request) => {
    if (isTokenRequest(request)) return TOKEN_ANSWER;
    const expected = recording.exchanges[next];
    if (expected !== undefined && matches(request, expected.request)) {
      next += 1;
      return responseOf(expected.response);
    }
    const last = recording.exchanges[next - 1];
    if (last !== undefined && matches(request, last.request) && mayRepeat(request, last)) {
      return responseOf(last.response);
    }
    unexpected.push(`${request.method} ${request.path} ${request.body ?? ''}`);
    return { failure: 'connect', sent: false, reason: 'NOT_RECORDED' };
  };
  return { send, unexpected, left: () => recording.exchanges.length - next };
}

function mayRepeat(request: HttpRequest, { response }: Recording['exchanges'][number]): boolean {
  if (response.status === 401) return true;
  return request.method === 'GET' && [502, 503, 504].includes(response.status);
}

function matches(
  request: HttpRequest,
  recorded: Recording['exchanges'][number]['request'],
): boolean {
  const body = request.body === undefined ? undefined : parseExact(request.body);
  return (
    request.method === recorded.method &&
    request.path === recorded.path &&
    (body === undefined) === (recorded.body === undefined) &&
    jsonEqual(body, recorded.body)
  );
}
