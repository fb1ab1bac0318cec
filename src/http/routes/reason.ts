import type { Context } from 'hono';
import * as z from 'zod/mini';
import {
  fail,
  lazily,
  ownFault,
  parsePlain,
  type Result,
  succeed,
} from '../../adapter-kit/index.ts';
import { REASON_BODY_BYTES_MAX, REASON_CHARACTERS_MAX } from '../../limits.ts';
import type { ReadChunks } from '../../ports.ts';
import { checkMediaType, readBody } from '../middleware/patch-body.ts';

/** Rejects texts that a terminal would obey, or that a database cannot store. */
export const hasNoControls = lazily(() =>
  z.refine<string>(
    (text) => !/[^\t\n\r\P{Cc}]/u.test(text),
    'must have no control characters but tabs and line ends',
  ),
);

/** The body of a change that an operator has to explain. */
export const reasonSchema = lazily(() =>
  z.strictObject({
    reason: z
      .string()
      .check(z.minLength(1), z.maxLength(REASON_CHARACTERS_MAX), z.regex(/\S/), hasNoControls())
      .check(z.describe('Stands in the receipt, for whoever asks later.')),
  }),
);

/** The same where it may be left out, body and all. */
export const optionalReasonSchema = lazily(() =>
  z.strictObject({
    reason: z.exactOptional(reasonSchema().shape.reason),
  }),
);

/** Reads the reason in the body of a request that may have none; undefined: there is none. */
export async function readOptionalReason(
  c: Context,
  readChunks: ReadChunks | undefined,
): Promise<Result<string | undefined>> {
  const { requestHeaders } = c.get('state');
  const source = { request: c.req.raw, length: requestHeaders['content-length'], bindings: c.env };
  const body = await readBody(source, REASON_BODY_BYTES_MAX, readChunks);
  if (!body.ok) return body;
  if (body.value === '') return succeed(undefined);
  const typed = checkMediaType(requestHeaders);
  if (!typed.ok) return typed;
  const read = explanationIn(body.value, optionalReasonSchema());
  return read.ok ? succeed(read.value.reason) : read;
}

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
  const read = explanationIn(body.value, reasonSchema());
  return read.ok ? succeed(read.value.reason) : read;
}

function explanationIn<T>(text: string, schema: z.ZodMiniType<T>): Result<T> {
  const value = parsePlain(text);
  if (value === undefined) return fail(ownFault('malformed_json', 'The body is not valid JSON.'));
  const read = schema.safeParse(value);
  if (read.success) return succeed(read.data);
  const detail =
    `The body must be {"reason": "…"}, of 1 to ${REASON_CHARACTERS_MAX} characters, none of them ` +
    'a control character but tabs and line ends.';
  return fail(ownFault('invalid_patch', detail));
}
