import type { Context } from 'hono';
import * as z from 'zod/mini';
import { fail, ownFault, parsePlain, type Result, succeed } from '../../adapter-kit/index.ts';
import { REASON_BODY_BYTES_MAX, REASON_CHARACTERS_MAX } from '../../limits.ts';
import type { ReadChunks } from '../../ports.ts';
import { checkMediaType, readBody } from '../middleware/patch-body.ts';

/** The body of a change that an operator has to explain. */
export const reasonSchema = z.strictObject({
  reason: z
    .string()
    .check(z.minLength(1), z.maxLength(REASON_CHARACTERS_MAX), z.regex(/\S/))
    .check(z.describe('Stands in the receipt, for whoever asks later.')),
});

/** Reads the reason in the body of a request. */
export async function readReason(
  c: Context,
  readChunks: ReadChunks | undefined,
): Promise<Result<string>> {
  const { requestHeaders } = c.get('state');
  const typed = checkMediaType(requestHeaders);
  if (!typed.ok) return typed;
  const source = { request: c.req.raw, length: requestHeaders['content-length'], bindings: c.env };
  const body = await readBody(source, REASON_BODY_BYTES_MAX, readChunks);
  if (!body.ok) return body;
  const value = parsePlain(body.value);
  if (value === undefined) return fail(ownFault('malformed_json', 'The body is not valid JSON.'));
  const read = reasonSchema.safeParse(value);
  if (read.success) return succeed(read.data.reason);
  const detail = `The body must be {"reason": "…"}, of 1 to ${REASON_CHARACTERS_MAX} characters.`;
  return fail(ownFault('invalid_patch', detail));
}
