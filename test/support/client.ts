import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { isObject, type Json, type JsonObject, parseExact } from '../../src/adapter-kit/index.ts';
import { checked } from '../integration/openapi/response-check.ts';
import { recordExchange } from '../openapi/recorded.ts';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as an object; empty when it is none. */
  readonly json: JsonObject;
};

export type Call = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

const ANSWER_MS_MAX = 40_000;

/**
 * Sends one request on a connection of its own; the path goes out exactly as it is written. The
 * answer must be as the API document says.
 */
export function call(origin: string, path: string, options: Call = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path, method, headers, agent: false, timeout: ANSWER_MS_MAX },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { headers: received, statusCode: status = 0 } = response;
          const answer = { status, headers: received, text, json: objectOf(text) };
          recordExchange({ method, path, headers, body, answer });
          resolve(checked(method, path, answer));
        });
      },
    );
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', reject);
    request.end(body);
  });
}

export const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };

/** PATCHes a profile with JSON, or with a text as it stands. */
export function patch(
  origin: string,
  id: string,
  body: JsonObject | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const options = { method: 'PATCH', headers: { ...MERGE_PATCH, ...headers }, body: text };
  return call(origin, `/profiles/${id}`, options);
}

export function read(
  origin: string,
  id: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return call(origin, `/profiles/${id}`, { headers });
}

/** Writes bytes to a socket and gives all that comes back until the server closes or is silent. */
export function sendRaw(
  origin: string,
  bytes: string | Uint8Array,
  silenceMs = 1_000,
): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    socket.setTimeout(silenceMs, done);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('end', done);
    socket.once('error', done);
  });
}

/** An object inside an answer; empty when there is none. */
export function part(answer: Answer, name: string): JsonObject {
  const value = answer.json[name];
  return isObject(value) ? value : {};
}

/** The list of field errors of a problem. */
export function errorsOf(answer: Answer): readonly JsonObject[] {
  const { errors } = answer.json;
  return Array.isArray(errors) ? errors.filter((error: Json) => isObject(error)) : [];
}

/** Checks that an answer is the problem `code`, in the form of every problem. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json.code, text: answer.text }).toMatchObject({
    status,
    code,
  });
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ type: `/problems/${code}`, status });
  expect(answer.json.title).toEqual(expect.any(String));
  expect(answer.json.detail).toEqual(expect.any(String));
  expect(answer.json.requestId).toBe(answer.headers['x-request-id']);
}

function objectOf(text: string): JsonObject {
  const value = parseExact(text);
  return isObject(value) ? value : {};
}
