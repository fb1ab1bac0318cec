import type { Context } from 'hono';
import * as z from 'zod/mini';
import { lazily, ownFault } from '../../adapter-kit/index.ts';
import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from '../../limits.ts';
import { respondProblem } from '../responses.ts';
import { writeHeadersSchema } from './profile-request.ts';

/** A string of RFC 8941, 3.3.3: printable ASCII, in which `"` and `\` have a `\` before them. */
const KEY_STRING = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** A token (RFC 9110, 5.6.2), also with the `:` and `/` of RFC 8941, 3.3.4. */
const KEY_TOKEN = /^[!#$%&'*+\-.^_`|~\w:/]+$/;

/** Parses the value of `Idempotency-Key`; undefined if it is not valid. */
export function parseIdempotencyKey(header: string): string | undefined {
  const text = header.trim();
  const key = KEY_TOKEN.test(text) ? text : KEY_STRING.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1');
  if (key === undefined || key === '' || key.length > IDEMPOTENCY_KEY_CHARACTERS_MAX) {
    return undefined;
  }
  return key;
}

/** The headers of a request that is run once for each key, for the API document. */
export const keyHeadersSchema = lazily(() =>
  z.object({ 'idempotency-key': z.optional(z.string()) }),
);

/** The headers of a PATCH, for the API document. */
export const patchHeadersSchema = lazily(() =>
  z.object({ ...keyHeadersSchema().shape, ...writeHeadersSchema().shape }),
);

/** Notes the key of a request; rejects what is none: the promise of a key must not be lost. */
export function validIdempotencyKey(c: Context): Response | undefined {
  const state = c.get('state');
  const { 'idempotency-key': header } = state.requestHeaders;
  if (header === undefined) return undefined;
  state.idempotencyKey = parseIdempotencyKey(header);
  if (state.idempotencyKey !== undefined) return undefined;
  return respondProblem(c, ownFault('invalid_idempotency_key', NO_KEY));
}

const NO_KEY =
  'Send a string in quotes or a token, ' +
  `of 1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters of ASCII.`;
