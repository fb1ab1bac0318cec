import {
  FAULT_CODES,
  type FaultCode,
  type Json,
  type JsonObject,
} from '../../adapter-kit/index.ts';
import { PROBLEM_TYPE } from '../problem-details.ts';
import { LINES_TYPE } from '../routes/receipts.ts';
import type { HeaderName } from './headers.ts';
import { answerRef } from './named-schemas.ts';
import type { Operation } from './operation.ts';
import { problemSchema } from './response-schemas.ts';

/** Headers of problems that the gateway itself detects. */
const HEADERS_OF_STATUS: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow', 'Accept-Patch'],
  412: ['ETag'],
  415: ['Accept-Patch'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Statuses that a vendor's response may cause; 403: a field that the caller may not write. */
const UPSTREAM_STATUSES = [403, 404, 409, 412, 422, 502, 503, 504];

/** Returns the one example of a body; nothing if there is none. */
export function oneExample(value: Json | undefined): JsonObject {
  return value === undefined ? {} : { examples: { example: { value } } };
}

function headersOf(names: readonly HeaderName[]): JsonObject {
  return Object.fromEntries(
    ['X-Request-Id', ...new Set(names)].map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );
}

/** Describes the response of an operation that succeeds, and of every problem it may return. */
export function responsesOf(
  operation: Operation,
  body: JsonObject | undefined,
  examples: JsonObject,
) {
  const {
    codes,
    lines,
    linesExample,
    mayBeUnchanged,
    mediaType,
    scope,
    status = 200,
    responseHeaders = [],
    upstream,
  } = operation;
  const rateHeaders: HeaderName[] = scope === undefined ? [] : ['RateLimit', 'RateLimit-Policy'];
  const upstreamHeaders: HeaderName[] =
    upstream === true ? ['Server-Timing', 'X-Gateway-Sandbox'] : [];
  const headers = headersOf([...responseHeaders, ...upstreamHeaders, ...rateHeaders]);
  const ok = body !== undefined && {
    description: status === 201 ? 'Created' : 'OK',
    headers,
    content: {
      [mediaType ?? 'application/json']: { schema: body, ...examples },
      ...(lines === undefined
        ? {}
        : {
            [LINES_TYPE]: {
              schema: { type: 'string', description: lines },
              ...oneExample(linesExample),
            },
          }),
    },
  };
  const unchanged = { description: 'The profile has one of the tags.', headers };
  const failed = [...codesByStatus(codes)].map(([status, own]): [string, JsonObject] => {
    const fromUpstream = upstream === true && UPSTREAM_STATUSES.includes(status);
    const more: readonly HeaderName[] = fromUpstream
      ? [...responseHeaders, ...upstreamHeaders, 'Retry-After']
      : [];
    return [String(status), problemResponse(status, own, [...more, ...rateHeaders])];
  });
  return {
    ...(ok === false ? { 204: { description: 'No content', headers } } : { [status]: ok }),
    ...(mayBeUnchanged === true ? { 304: unchanged } : {}),
    ...Object.fromEntries(failed),
  };
}

/** Describes `OPTIONS`, which every path has. */
export function optionsOf(id: string, codes: readonly FaultCode[]): JsonObject {
  const failed = [...codesByStatus(codes)].map(([status, own]) => [
    status,
    problemResponse(status, own),
  ]);
  return {
    operationId: id,
    summary: 'The methods of the path',
    security: [],
    responses: {
      204: { description: 'No content', headers: headersOf(['Allow', 'Accept-Patch']) },
      ...Object.fromEntries(failed),
    },
  };
}

function codesByStatus(codes: readonly FaultCode[]): Map<number, FaultCode[]> {
  return Map.groupBy(codes, (code) => FAULT_CODES[code].status);
}

/** Describes a problem of one status with the codes it may have. */
export function problemResponse(
  status: number,
  codes: readonly FaultCode[],
  headers: readonly HeaderName[] = [],
): JsonObject {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  // Members beside `$ref` replace what it refers to, by the reading of tools of OpenAPI 3.0.
  const schema = {
    allOf: [
      answerRef(problemSchema()),
      { properties: { status: { const: status }, code: { enum: codes } } },
    ],
  };
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: headersOf([...headers, ...(HEADERS_OF_STATUS[status] ?? [])]),
    content: { [PROBLEM_TYPE]: { schema, examples: Object.fromEntries(examples) } },
  };
}
