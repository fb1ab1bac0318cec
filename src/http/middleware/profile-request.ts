import type { Context } from 'hono';
import * as z from 'zod/mini';
import { type Adapter, ownFault, type Result } from '../../adapter-kit/index.ts';
import { ID_CODE_POINTS_MAX, REQUEST_BODY_BYTES_MAX } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import { parsePatchText } from '../../writes/parse-patch.ts';
import { fieldErrorsOf, type ProfilePatch, patchSchema } from '../../writes/patch-schema.ts';
import type { Handler } from '../pipeline.ts';
import { readHeadersSchema, writeHeadersSchema } from '../preferences.ts';
import { ACCEPT_PATCH, checkMediaType, readBody } from '../request-body.ts';
import { respondProblem, setResponseHeader } from '../responses.ts';
import { validated } from '../validate.ts';

/** Printable ASCII without escapes: what nearly every id is once it is decoded. */
const PLAIN_ID = /^[!-$&-~]+$/;

declare module 'hono' {
  interface ContextVariableMap {
    /** Preferences and conditions in the headers of a write; see `hasWriteHeaders`. */
    writeHeaders: z.infer<typeof writeHeadersSchema>;
    /** The patch in the body; see `patchValidator`. */
    patch: ProfilePatch;
    /** Options in the query of an explanation; see `explainQuery`. */
    explainQuery: z.infer<typeof explainQuerySchema>;
  }
}

/** Lets a request pass whose path names what can be a profile. */
export function hasId(c: Context): Response | undefined {
  const id = profileIdOf(c);
  if (id === undefined) return invalidId(c);
  c.get('state').profileId = id;
  return undefined;
}

function profileIdOf(c: Context): string | undefined {
  const id = c.req.param('id') ?? '';
  // What is decoded as far as it can be keeps the "%" of a broken escape.
  if (PLAIN_ID.test(id) && id.length <= ID_CODE_POINTS_MAX) return id;
  const written = /^[^?#]*\/profiles\/([^/?#]*)/.exec(c.req.url)?.[1] ?? '';
  const isText = [...id].length <= ID_CODE_POINTS_MAX && !/\p{Cc}|\p{Cs}/u.test(id);
  return isText && isDecodable(written) ? id : undefined;
}

function invalidId(c: Context): Response {
  const detail =
    `An id has 1 to ${ID_CODE_POINTS_MAX} characters, percent-encoded once, ` +
    'none of them a control character.';
  return respondProblem(c, ownFault('invalid_id', detail));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Lets a write pass whose headers are short enough to be read. */
export function hasWriteHeaders(c: Context): Response | undefined {
  const { prefer, 'if-match': ifMatch } = c.get('state').requestHeaders;
  if (prefer === undefined && ifMatch === undefined) {
    c.set('writeHeaders', NO_WRITE_HEADERS);
    return undefined;
  }
  const read = writeHeadersSchema.safeParse({ prefer, 'if-match': ifMatch });
  if (!read.success) return tooManyTags(c);
  c.set('writeHeaders', read.data);
  return undefined;
}

const NO_WRITE_HEADERS = writeHeadersSchema.parse({});

/** The entity tags that a read is compared with; undefined where they are too long to be read. */
export function readHeadersOf(c: Context): z.infer<typeof readHeadersSchema> | undefined {
  const read = readHeadersSchema.safeParse(c.get('state').requestHeaders);
  return read.success ? read.data : undefined;
}

export function tooManyTags(c: Context): Response {
  return respondProblem(c, ownFault('precondition_failed', 'Too many entity tags to compare.'));
}

/** `?read=true` lets an explanation read the profile. */
export const explainQuerySchema = z.object({
  read: z.pipe(
    z._default(z.enum(['true', 'false']), 'false'),
    z.transform((v) => v === 'true'),
  ),
});
export const explainQuery = validated(
  'query',
  explainQuerySchema,
  (c, query) => c.set('explainQuery', query),
  (c) =>
    respondProblem(c, ownFault('invalid_patch', 'The query accepts only read=true or read=false.')),
);

/**
 * Reads and parses the body before the validator does, which would lose exact numbers and
 * duplicate keys: it is handed the parsed value.
 */
export function patchBody({ readChunks }: Pick<Ports, 'readChunks'>): Handler {
  const parse = (c: Context, body: Result<string>): Response | undefined => {
    if (!body.ok) return respondProblem(c, body.fault);
    const parsed = parsePatchText(body.value);
    if (!parsed.ok) {
      if ('malformed' in parsed)
        return respondProblem(c, ownFault('malformed_json', parsed.malformed));
      return respondProblem(c, ownFault('invalid_patch', INVALID_PATCH, { errors: parsed.errors }));
    }
    Object.assign(c.req, { json: () => Promise.resolve(parsed.value) });
    return undefined;
  };
  return (c) => {
    const { caller, requestHeaders } = c.get('state');
    const typed = checkMediaType(requestHeaders);
    if (!typed.ok) {
      setResponseHeader(c, 'Accept-Patch', ACCEPT_PATCH);
      return respondProblem(c, typed.fault);
    }
    const bytesMax = caller?.bodyBytesMax ?? REQUEST_BODY_BYTES_MAX;
    const length = requestHeaders['content-length'];
    const source = { request: c.req.raw, length, bindings: c.env };
    return readBody(source, bytesMax, readChunks).then((body) => parse(c, body));
  };
}

const INVALID_PATCH = 'The patch does not fit the profile model; nothing was sent.';

function invalidPatch(c: Context, issues: readonly z.core.$ZodIssue[]): Response {
  return respondProblem(
    c,
    ownFault('invalid_patch', INVALID_PATCH, { errors: fieldErrorsOf(issues) }),
  );
}

/** The validator of a patch body, made once for the model that `adapters` declare together. */
export function patchValidator(adapters: readonly Adapter[]): Handler {
  const keep = (c: Context, patch: ProfilePatch): void => c.set('patch', patch);
  return validated('json', patchSchema(adapters), keep, invalidPatch);
}
