import type { Context } from 'hono';
import type * as z from 'zod/mini';
import { fail, ownFault, parsePlain, type Result, succeed } from '../../../adapter-kit/index.ts';
import { MATCH_BODY_BYTES_MAX } from '../../../matching/match-limits.ts';
import { type MatchSpec, targetsOf } from '../../../matching/match-spec.ts';
import type { ReadChunks } from '../../../ports.ts';
import { repeatsKey } from '../../../routing/link-record.ts';
import { checkMediaType, readBody } from '../../middleware/patch-body.ts';

/** Reads the body of a request about match runs; the fault says where it is wrong. */
export async function readMatchBody<S extends z.ZodMiniType>(
  c: Context,
  readChunks: ReadChunks | undefined,
  schema: S,
): Promise<Result<z.infer<S>>> {
  const { requestHeaders } = c.get('state');
  const typed = checkMediaType(requestHeaders);
  if (!typed.ok) return typed;
  const length = requestHeaders['content-length'];
  const source = { request: c.req.raw, length, bindings: c.env };
  const body = await readBody(source, MATCH_BODY_BYTES_MAX, readChunks);
  if (!body.ok) return body;
  const value = parsePlain(body.value);
  if (value === undefined) return fail(ownFault('malformed_json', 'The body is not valid JSON.'));
  const read = schema.safeParse(value);
  if (read.success && !repeatsKey(body.value)) return succeed(read.data);
  const [issue] = read.error?.issues ?? [];
  const place = issue === undefined || issue.path.length === 0 ? '' : issue.path.join('.');
  const detail = issue === undefined ? 'has a key twice' : `${place}: ${issue.message}`;
  return fail(ownFault('invalid_patch', `The body cannot be used: ${detail.replace(/^: /, '')}.`));
}

/** Reports what stands against a run: its targets must list profiles, and show its keys. */
export function checkMatchSpec(c: Context, { keys, newLinkId, ...spec }: MatchSpec): Result<true> {
  const targets = targetsOf(spec);
  if (targets[0] === targets[1]) {
    return fail(ownFault('invalid_patch', 'The targets must be two.'));
  }
  for (const [side, name] of targets.entries()) {
    const target = c.get('gateway').targets.get(name);
    if (target === undefined) {
      return fail(ownFault('unknown_target', `No target has the name of targets.${side}.`));
    }
    const { list } = target.connection;
    if (list === undefined) {
      return fail(ownFault('invalid_patch', `The target ${name} does not list profiles.`));
    }
    const pointers = [
      ...keys.map(({ pointer, secondPointer }) =>
        side === 1 ? (secondPointer ?? pointer) : pointer,
      ),
      ...(side === 0 && newLinkId !== undefined ? [newLinkId.pointer] : []),
    ];
    const missing = pointers.find((pointer) =>
      list.omitted.some((hidden) => pointer === hidden || pointer.startsWith(`${hidden}/`)),
    );
    if (missing !== undefined) {
      const detail = `The target ${name} does not show ${missing} in its list of profiles.`;
      return fail(ownFault('invalid_patch', detail));
    }
  }
  return succeed(true);
}
