import adapter from '../../../adapters/nerm/index.ts';
import { indexFields } from '../../../src/adapter-kit/field.ts';
import type {
  Connection,
  HttpRequest,
  HttpResponse,
  JsonObject,
  Result,
  WriteStep,
} from '../../../src/adapter-kit/index.ts';
import { patchSchema } from '../../../src/writes/patch-schema.ts';
import { plan } from '../../../src/writes/plan.ts';

export const KEY = { method: 'token', token: 'sandbox-nerm-token' };
const schema = patchSchema([adapter]);

/** A connection by settings that must be right. */
export function open(
  auth: JsonObject = KEY,
  baseUrl = 'https://sandbox.test/nerm/api',
): Connection {
  const opened = adapter.open({ baseUrl, auth });
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  return opened.connection;
}

/** What a canonical patch means at NERM. */
export function planned(
  connection: Connection,
  patch: unknown,
  handling: 'strict' | 'lenient' = 'strict',
) {
  return plan(schema.parse(patch).entries, indexFields(connection.fields), handling);
}

export const answer = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** Runs an exchange against one response per request, in order; more requests are an error. */
export function drive<T>(
  exchange: Generator<HttpRequest | WriteStep, Result<T>, HttpResponse>,
  responses: readonly HttpResponse[],
): { result: Result<T>; requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  let step = exchange.next();
  while (!step.done) {
    requests.push('request' in step.value ? step.value.request : step.value);
    const response = responses[requests.length - 1];
    if (response === undefined) throw new Error('one request too many');
    step = exchange.next(response);
  }
  return { result: step.value, requests };
}
