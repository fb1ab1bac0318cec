import type { Context, Hono, MiddlewareHandler } from 'hono';
import * as z from 'zod';
import { type Adapter, FIELD_ERROR_CODES, type FieldError, pointerTo } from '../contract/index.ts';
import { allow } from './access.ts';
import { ACCEPT_PATCH, checkMediaType, readBody } from './body.ts';
import type { Doubts } from './doubt.ts';
import { jsonText, note, problem, traceExchange } from './http.ts';
import { FIELD_ERRORS_MAX, ID_CODE_POINTS_MAX } from './limits.ts';
import { patchSchema } from './patch-model.ts';
import { patchProfile } from './patch-profile.ts';
import { parsePatchText } from './patch-text.ts';
import type { Ports } from './ports.ts';
import { readHeaders, writeHeaders } from './preferences.ts';
import { ownFault } from './problem.ts';
import { readProfile } from './read-profile.ts';
import { namesTag } from './representation.ts';
import { resolve } from './resolve.ts';
import { validated } from './validate.ts';

/** `GET` and `PATCH /profiles/{id}`. */
export function profileRoutes(
  app: Hono,
  adapters: readonly Adapter[],
  ports: Ports,
  doubts: Doubts,
): void {
  const json = validated('json', patchSchema(adapters), invalidPatch);

  const read = [allow('profiles:read'), decodableId] as const;
  app.get('/profiles/:id', ...read, idParam, readHeader, async (c) => {
    const { id } = c.req.valid('param');
    const resolved = resolve(id, c.get('gateway'));
    note(c, { id });
    if (!resolved.ok) return problem(c, resolved.fault);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const answer = await readProfile(ports, { id, resolved: resolved.value, endMs });
    traceExchange(c, answer.exchange);
    const target = resolved.value.target.name;
    if (!answer.ok) return problem(c, answer.fault, { target }, answer.exchange);
    c.header('ETag', answer.etag);
    const tags = c.req.valid('header')['if-none-match'];
    if (tags !== undefined && namesTag(tags, answer.etag, true)) return c.body(null, 304);
    return jsonText(c, { profile: answer.profile });
  });

  const write = [allow('profiles:write'), decodableId, patchBody] as const;
  app.patch('/profiles/:id', ...write, idParam, writeHeader, json, async (c) => {
    const { id } = c.req.valid('param');
    const patch = c.req.valid('json');
    const { prefer: preferences, 'if-match': tags } = c.req.valid('header');
    note(c, { id, pointers: patch.entries.map((entry) => entry.pointer) });
    const resolved = resolve(id, c.get('gateway'));
    if (!resolved.ok) return problem(c, resolved.fault);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const request = { id, resolved: resolved.value, patch, preferences, ifMatch: tags, endMs };
    const answer = await patchProfile(c.get('gateway'), ports, doubts, request);
    traceExchange(c, answer.exchange);
    if (preferences.applied !== '') c.header('Preference-Applied', preferences.applied);
    if (answer.ok) {
      const { etag, profile, write } = answer;
      const { evidence, outcome, unconfirmed } = write;
      note(c, {
        evidence,
        outcome,
        unconfirmed,
        losses: write.losses.map((loss) => loss.pointer),
      });
      if (etag !== undefined) c.header('ETag', etag);
      return jsonText(c, preferences.minimal ? { write } : { profile, write });
    }
    const { fault, reason, ...end } = answer.end;
    const { outcome } = end;
    note(c, { outcome, ...(reason === undefined ? {} : { reason }) });
    if (answer.etag !== undefined) c.header('ETag', answer.etag);
    const context = { ...end, target: resolved.value.target.name };
    return problem(
      c,
      fault,
      reason === undefined ? context : { ...context, reason },
      answer.exchange,
    );
  });
}

const idSchema = z.object({
  id: z.string().refine((id) => [...id].length <= ID_CODE_POINTS_MAX && !/\p{Cc}|\p{Cs}/u.test(id)),
});

const idParam = validated('param', idSchema, invalidId);

/** The router decodes what it can and leaves the rest, so a broken escape is looked for here. */
const decodableId: MiddlewareHandler = async function decodableId(c, next) {
  const written = /^[^?#]*\/profiles\/([^/?#]*)/.exec(c.req.url)?.[1] ?? '';
  return isDecodable(written) ? next() : invalidId(c);
};

function invalidId(c: Context): Response {
  const detail = `An id has 1 to ${ID_CODE_POINTS_MAX} characters, percent-encoded once, none of them a control character.`;
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

const readHeader = validated('header', readHeaders, tooManyTags);
const writeHeader = validated('header', writeHeaders, tooManyTags);

function tooManyTags(c: Context): Response {
  return problem(c, ownFault('precondition_failed', 'The entity tags are too many to compare.'));
}

/**
 * Reads and parses the body before the validator does, which would lose exact numbers and
 * duplicate keys: it is handed the parsed value.
 */
const patchBody: MiddlewareHandler = async function patchBody(c, next) {
  const typed = checkMediaType(c.req.raw.headers);
  if (!typed.ok) {
    c.header('Accept-Patch', ACCEPT_PATCH);
    return problem(c, typed.fault);
  }
  const body = await readBody(c.req.raw);
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
  const errors = issues.slice(0, FIELD_ERRORS_MAX).map((issue): FieldError => {
    const pointer = issue.path.reduce<string>((parent, key) => pointerTo(parent, String(key)), '');
    const told: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
    const code = FIELD_ERROR_CODES.find((known) => known === told) ?? 'wrong_type';
    return { pointer, code, detail: issue.message };
  });
  return problem(c, ownFault('invalid_patch', INVALID_PATCH, { errors }));
}
