import { zValidator } from '@hono/zod-validator';
import type { Context, MiddlewareHandler } from 'hono';
import * as z from 'zod/mini';
import { lazily, ownFault, type SchemaValue } from '../../adapter-kit/index.ts';
import { type MaybeCaller, mayRead } from '../../auth/permissions.ts';
import { ID_CODE_POINTS_MAX } from '../../limits.ts';
import { parseEntityTags } from '../../profiles/conditions.ts';
import type { Preferences } from '../../profiles/patch-request.ts';
import type { Resolved } from '../../routing/resolve.ts';
import type { NewProfile, ProfilePatch } from '../../writes/patch-schema.ts';
import { parameterOf, splitUnquoted } from '../header-syntax.ts';
import { respondProblem } from '../responses.ts';

/** Data that the steps below have validated, for `c.req.valid`. */
export type ReadInput = {
  readonly out: {
    readonly param: { readonly id: string };
    readonly header: SchemaValue<typeof readHeadersSchema>;
  };
};
export type PatchInput = {
  readonly out: {
    readonly param: { readonly id: string };
    readonly header: SchemaValue<typeof writeHeadersSchema>;
    readonly json: ProfilePatch;
  };
};
export type DeleteInput = {
  readonly out: {
    readonly param: { readonly id: string };
    readonly header: SchemaValue<typeof deleteHeadersSchema>;
  };
};
export type CreateInput = {
  readonly out: Pick<PatchInput['out'], 'header'> & { readonly json: NewProfile };
};
export type ExplainInput = {
  readonly out: PatchInput['out'] & { readonly query: SchemaValue<typeof explainQuerySchema> };
};

/** Printable ASCII without escapes: nearly every id after decoding. */
const PLAIN_ID = /^[!-$&-~]+$/;

/** Validates the profile id in the path: `zValidator` does not see how it was encoded. */
export function validId(c: Context): Response | undefined {
  const id = profileIdOf(c);
  if (id === undefined) return respondProblem(c, ownFault('invalid_id', INVALID_ID));
  c.req.addValidatedData('param', { id });
  return undefined;
}

const INVALID_ID =
  `An id has 1 to ${ID_CODE_POINTS_MAX} characters, percent-encoded once, ` +
  'none of them a control character.';

function profileIdOf(c: Context): string | undefined {
  const id = c.req.param('id') ?? '';
  // Hono decodes as far as possible, so an invalid escape keeps its "%".
  if (PLAIN_ID.test(id) && id.length <= ID_CODE_POINTS_MAX) return id;
  const written = /^[^?#]*\/(?:profiles|in-doubt|links)\/([^/?#]*)/.exec(c.req.url)?.[1] ?? '';
  const isText = [...id].length <= ID_CODE_POINTS_MAX && !/\p{Cc}|\p{Cs}/u.test(id);
  return isText && isDecodable(written) ? id : undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Most characters of a header that are read. */
const HEADER_CHARACTERS_MAX = 2000;

const boundedText = lazily(() => z.optional(z.string().check(z.maxLength(HEADER_CHARACTERS_MAX))));

/** Rejects what is no list of entity tags: a condition must not be lost. */
const condition = lazily(() =>
  z.pipe(
    boundedText(),
    z.transform((header, { issues }) => {
      const tags = header === undefined ? undefined : parseEntityTags(header);
      if (header !== undefined && tags === undefined) {
        issues.push({ code: 'custom', input: header, message: 'no entity tags' });
      }
      return tags;
    }),
  ),
);

/** The headers of a PATCH that change what it does. */
export const writeHeadersSchema = lazily(() =>
  z.object({
    prefer: z.pipe(z.optional(z.string()), z.transform(readPreferences)),
    'if-match': condition(),
    'if-none-match': condition(),
  }),
);

/** The headers of a GET that change its response. */
export const readHeadersSchema = lazily(() =>
  z.object({
    'if-none-match': z.pipe(
      boundedText(),
      z.transform((header) => parseEntityTags(header ?? '')),
    ),
  }),
);

/** The headers of a DELETE that change what it does. */
export const deleteHeadersSchema = lazily(() =>
  z.object({
    'if-match': condition(),
    'if-none-match': condition(),
  }),
);

export const validReadHeaders = validHeaders(readHeadersSchema);
export const validWriteHeaders = validHeaders(writeHeadersSchema);
export const validDeleteHeaders = validHeaders(deleteHeadersSchema);

/** Validates headers that are read already: `zValidator` copies all of a request, for 6 µs. */
function validHeaders(
  schema: typeof readHeadersSchema | typeof writeHeadersSchema | typeof deleteHeadersSchema,
) {
  return (c: Context): Response | undefined => {
    const { requestHeaders } = c.get('state');
    const read = schema().safeParse(requestHeaders);
    if (!read.success) return respondProblem(c, ownFault('precondition_failed', NO_TAGS));
    // If-Match takes precedence (RFC 9110, 13.2.2).
    const isByTime = schema !== readHeadersSchema && requestHeaders['if-match'] === undefined;
    if (isByTime && requestHeaders['if-unmodified-since'] !== undefined) {
      return respondProblem(c, ownFault('precondition_failed', NO_TIMES));
    }
    c.req.addValidatedData('header', read.data);
    return undefined;
  };
}

const NO_TAGS = `Send * or entity tags in quotes, in at most ${HEADER_CHARACTERS_MAX} characters.`;
const NO_TIMES = 'Times are not compared: send If-Match in place of If-Unmodified-Since.';

/** `?read=true` lets an explanation read the profile. */
export const explainQuerySchema = lazily(() =>
  z.object({
    read: z.pipe(
      z._default(z.enum(['true', 'false']), 'false'),
      z.transform((value) => value === 'true'),
    ),
  }),
);

const explainQueryValidator = lazily(() =>
  zValidator('query', explainQuerySchema(), (result, c) => {
    if (result.success) return;
    const detail = 'The query accepts only read=true or read=false.';
    return respondProblem(c, ownFault('invalid_patch', detail));
  }),
);

export const validExplainQuery: MiddlewareHandler = (c, next) => explainQueryValidator()(c, next);

const NONE: Preferences = { handling: 'strict', atomic: false, minimal: false, applied: '' };

/** Reads a `Prefer` header; unknown preferences are ignored (RFC 7240, section 2). */
export function readPreferences(prefer: string | undefined): Preferences {
  if (prefer === undefined) return NONE;
  const preferences = new Map<string, string>();
  for (const element of splitUnquoted(prefer.slice(0, HEADER_CHARACTERS_MAX), ',')) {
    const [preference = ''] = splitUnquoted(element, ';');
    const [name, value] = parameterOf(preference);
    // The first of two equal preferences counts (RFC 7240, section 2).
    if (!preferences.has(name)) preferences.set(name, value.toLowerCase());
  }
  const handling = preferences.get('handling');
  const returned = preferences.get('return');
  const applied: string[] = [];
  if (handling === 'strict' || handling === 'lenient') applied.push(`handling=${handling}`);
  if (preferences.has('atomic')) applied.push('atomic');
  if (returned === 'minimal' || returned === 'representation') applied.push(`return=${returned}`);
  return {
    handling: handling === 'lenient' ? 'lenient' : 'strict',
    atomic: preferences.has('atomic'),
    minimal: returned === 'minimal',
    applied: applied.join(', '),
  };
}

/** Returns the caller's preferences, as far as the rule leaves the choice. */
export function preferencesAt(
  { strictHandling }: Pick<Resolved, 'strictHandling'>,
  preferences: Preferences,
): Preferences {
  if (!strictHandling || preferences.handling === 'strict') return preferences;
  const applied = preferences.applied.replace(/^handling=lenient(?:, )?/, '');
  return { ...preferences, handling: 'strict', applied };
}

/** Returns the preferences of a caller, who is shown no profile that it may not read. */
export function withoutProfile(caller: MaybeCaller, preferences: Preferences): Preferences {
  if (mayRead(caller)) return preferences;
  const others = preferences.applied.replace(/(?:, )?return=\w+$/, '');
  const applied = others === '' ? MINIMAL : `${others}, ${MINIMAL}`;
  return { ...preferences, minimal: true, applied };
}

const MINIMAL = 'return=minimal';
