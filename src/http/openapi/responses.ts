import { type FaultCode, type JsonObject, STATUS_OF_CODE } from '../../adapter-kit/index.ts';
import { PROBLEM_TYPE } from '../problem-details.ts';
import type { HeaderName } from './headers.ts';
import type { Operation } from './operations.ts';
import { schemaRef } from './profile-schemas.ts';

/** Headers of problems that are no vendor's. */
const HEADERS_OF_STATUS: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow', 'Accept-Patch'],
  412: ['ETag'],
  415: ['Accept-Patch'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Statuses that a vendor's answer may have led to; 403: a field that the caller may not write. */
const UPSTREAM_STATUSES = [403, 404, 409, 412, 422, 502, 503, 504];

function headersOf(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(
    ['X-Request-Id', ...new Set(names)].map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );
}

/** The answer of an operation that succeeds, and those of every problem it may end with. */
export function responsesOf(operation: Operation, body: JsonObject, examples: JsonObject) {
  const { codes, mayBeUnchanged, mediaType, scope, told = [], upstream } = operation;
  const bound: HeaderName[] = scope === undefined ? [] : ['RateLimit', 'RateLimit-Policy'];
  const traced: HeaderName[] = upstream === true ? ['Server-Timing', 'X-Gateway-Sandbox'] : [];
  const ok = {
    description: 'OK',
    headers: headersOf([...told, ...traced, ...bound]),
    content: { [mediaType ?? 'application/json']: { schema: body, ...examples } },
  };
  const unchanged = {
    description: 'The profile has one of the tags.',
    headers: headersOf([...told, ...traced, ...bound]),
  };
  const failed = [...codesByStatus(codes)].map(([status, own]): [string, JsonObject] => {
    const fromUpstream = upstream === true && UPSTREAM_STATUSES.includes(status);
    const more: readonly HeaderName[] = fromUpstream ? [...told, ...traced, 'Retry-After'] : [];
    return [String(status), problemResponse(status, own, [...more, ...bound])];
  });
  return {
    200: ok,
    ...(mayBeUnchanged === true ? { 304: unchanged } : {}),
    ...Object.fromEntries(failed),
  };
}

/** `OPTIONS`, which every path has. */
export function optionsOf(id: string, codes: readonly FaultCode[]): JsonObject {
  const failed = [...codesByStatus(codes)].map(([status, own]) => [
    status,
    problemResponse(status, own),
  ]);
  return {
    operationId: id,
    summary: 'The methods of the path',
    responses: {
      204: { description: 'No content', headers: headersOf(['Allow', 'Accept-Patch']) },
      ...Object.fromEntries(failed),
    },
  };
}

function codesByStatus(codes: readonly FaultCode[]): Map<number, FaultCode[]> {
  return Map.groupBy(codes, (code) => STATUS_OF_CODE[code]);
}

/** A problem of one status with the codes it may have. */
export function problemResponse(
  status: number,
  codes: readonly FaultCode[],
  headers: readonly HeaderName[] = [],
): JsonObject {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  const schema = {
    ...schemaRef('Problem'),
    properties: { status: { const: status }, code: { enum: codes } },
  };
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: headersOf([...headers, ...(HEADERS_OF_STATUS[status] ?? [])]),
    content: { [PROBLEM_TYPE]: { schema, examples: Object.fromEntries(examples) } },
  };
}
