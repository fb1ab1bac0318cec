import * as z from 'zod/mini';
import {
  isObject,
  type JsonObject,
  lazily,
  parsePlain,
  type SchemaValue,
} from '../adapter-kit/index.ts';
import { createSealer } from './sealed-answer.ts';
import { changeSchema } from './write-intent.ts';

const textMember = lazily(() => z.string());

/**
 * Announces a create: enough to search for the profile, and no value in it. Its form is another
 * one than that of a write, so that a program which knows writes only closes it as unknown.
 */
const createIntentSchema = lazily(() =>
  z.object({
    form: z.literal(2),
    target: textMember(),
    /** The id that the caller wants for the profile; absent: none. */
    id: z.optional(textMember()),
    /** Targets that a file links the id to. */
    below: z.optional(z.record(textMember(), textMember())),
    caller: z.optional(textMember()),
    requestId: textMember(),
    /** Version of the configuration. */
    version: textMember(),
    settleMs: z.number(),
    /** Id of the key of its hashes. */
    hashKeyId: z.optional(textMember()),
    changes: z.array(changeSchema()),
    /** Digests of the caller's key and of the request; the key itself stands nowhere. */
    idempotency: z.optional(z.object({ keyHash: textMember(), fingerprint: textMember() })),
    /** The trace that a search goes by, sealed; absent: no search can find the profile. */
    trace: z.optional(textMember()),
    /** Ids of the profiles with this trace before the create; absent: it was not sent yet. */
    earlier: z.optional(z.array(textMember())),
  }),
);
export type CreateIntent = Readonly<SchemaValue<typeof createIntentSchema>>;

/** Reads the intent of a create; undefined where it is that of another write. */
export function readCreateIntent(json: string): CreateIntent | undefined {
  const read = createIntentSchema().safeParse(parsePlain(json));
  return read.success ? read.data : undefined;
}

const TRACE_PURPOSE = { caller: '', id: 'trace', fingerprint: 'create' };

/** Seals a trace with the key of hashes, since it has values, such as a name. */
export function sealTrace(trace: JsonObject, hashKey: string): Promise<string> {
  return createSealer(hashKey, TRACE_PURPOSE).seal(JSON.stringify(trace));
}

/** Opens a sealed trace; undefined where it was sealed with another key. */
export async function openTrace(sealed: string, hashKey: string): Promise<JsonObject | undefined> {
  const text = await createSealer(hashKey, TRACE_PURPOSE).open(sealed);
  const trace = text === undefined ? undefined : parsePlain(text);
  return isObject(trace) ? trace : undefined;
}
