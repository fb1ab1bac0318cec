import type { Context, MiddlewareHandler } from 'hono';
import * as z from 'zod/mini';
import type { Adapter } from '../contract/index.ts';
import { ACCEPT_PATCH, checkMediaType, readBody } from './body.ts';
import { problem } from './http.ts';
import { ID_CODE_POINTS_MAX } from './limits.ts';
import { fieldErrorsOf, patchSchema } from './patch-model.ts';
import { parsePatchText } from './patch-text.ts';
import { readHeaders, writeHeaders } from './preferences.ts';
import { ownFault } from './problem.ts';
import { validated } from './validate.ts';

const idSchema = z.object({
  id: z
    .string()
    .check(z.refine((id) => [...id].length <= ID_CODE_POINTS_MAX && !/\p{Cc}|\p{Cs}/u.test(id))),
});

export const idParam = validated('param', idSchema, invalidId);

/** The router decodes what it can and leaves the rest, so a broken escape is looked for here. */
export const decodableId: MiddlewareHandler = async function decodableId(c, next) {
  const written = /^[^?#]*\/profiles\/([^/?#]*)/.exec(c.req.url)?.[1] ?? '';
  return isDecodable(written) ? next() : invalidId(c);
};

function invalidId(c: Context): Response {
  const detail =
    `An id has 1 to ${ID_CODE_POINTS_MAX} characters, percent-encoded once, ` +
    'none of them a control character.';
  return problem(c, ownFault('invalid_id', detail));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export const readHeader = validated('header', readHeaders, tooManyTags);
export const writeHeader = validated('header', writeHeaders, tooManyTags);

/** `?read=true` lets an explanation read the profile. */
export const explainQuerySchema = z.object({
  read: z.pipe(
    z._default(z.enum(['true', 'false']), 'false'),
    z.transform((v) => v === 'true'),
  ),
});
export const explainQuery = validated('query', explainQuerySchema, (c) =>
  problem(c, ownFault('invalid_patch', 'The query may hold read=true or read=false.')),
);

function tooManyTags(c: Context): Response {
  return problem(c, ownFault('precondition_failed', 'The entity tags are too many to compare.'));
}

/**
 * Reads and parses the body before the validator does, which would lose exact numbers and
 * duplicate keys: it is handed the parsed value.
 */
export const patchBody: MiddlewareHandler = async function patchBody(c, next) {
  const typed = checkMediaType(c.req.raw.headers);
  if (!typed.ok) {
    c.header('Accept-Patch', ACCEPT_PATCH);
    return problem(c, typed.fault);
  }
  const body = await readBody(c.req.raw, c.get('caller')?.bodyBytesMax);
  if (!body.ok) return problem(c, body.fault);
  const parsed = parsePatchText(body.value);
  if (!parsed.ok) {
    if ('malformed' in parsed) return problem(c, ownFault('malformed_json', parsed.malformed));
    return problem(c, ownFault('invalid_patch', INVALID_PATCH, { errors: parsed.errors }));
  }
  Object.defineProperty(c.req, 'json', { value: () => Promise.resolve(parsed.value) });
  return next();
};

const INVALID_PATCH = 'The patch does not fit the profile model; nothing was sent.';

function invalidPatch(c: Context, issues: readonly z.core.$ZodIssue[]): Response {
  return problem(c, ownFault('invalid_patch', INVALID_PATCH, { errors: fieldErrorsOf(issues) }));
}

/** The validator of a patch body, made once for the model that `adapters` declare together. */
export function patchValidator(adapters: readonly Adapter[]) {
  return validated('json', patchSchema(adapters), invalidPatch);
}

export type PatchValidator = ReturnType<typeof patchValidator>;
