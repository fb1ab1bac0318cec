import * as z from 'zod/mini';
import {
  allOf,
  type Change,
  confirmationOf,
  type Field,
  type FieldIndex,
  fieldValue,
  isObject,
  type Json,
  type JsonObject,
  lazily,
  listLength,
  type MaybePromise,
  mapped,
  parsePlain,
  type SchemaValue,
  type StoredProfile,
  stepOf,
  valueAt,
} from '../adapter-kit/index.ts';
import { type Confirmation, expectedValue, withSameBlanks } from './compare.ts';
import { hashKeyId, type ValueHash } from './value-hash.ts';

const textSchema = lazily(() => z.string());

/** A change with its value hashed; which of the members it has depends on how it is compared. */
export const changeSchema = lazily(() =>
  z.object({
    pointer: textSchema(),
    /** Pointer of the field, and the key below its map. */
    field: textSchema(),
    key: z.optional(textSchema()),
    step: textSchema(),
    /** Hash of the value; absent where it is not known yet, or never compared. */
    hash: z.optional(textSchema()),
    /** Extent to which another value shown there contradicts the write. */
    rule: z.optional(z.enum(['exact', 'normalized', 'present', 'count', 'never'])),
    /** Hash of the value without its blanks, for fields that vendors store in their own form. */
    looseHash: z.optional(textSchema()),
    count: z.optional(z.number()),
    /** The write clears the member. */
    clears: z.optional(z.literal(true)),
  }),
);
export type IntendedChange = Readonly<SchemaValue<typeof changeSchema>>;

/** Announces a write: enough to find out how it ended, and no value in it. */
const intentSchema = lazily(() =>
  z.object({
    form: z.literal(1),
    /** The profile is deleted; absent: it is changed. */
    deletes: z.optional(z.literal(true)),
    target: textSchema(),
    upstreamId: textSchema(),
    /** The id as the caller wrote it. */
    id: textSchema(),
    caller: z.optional(textSchema()),
    requestId: textSchema(),
    rule: z.optional(textSchema()),
    /** Version of the configuration. */
    version: textSchema(),
    settleMs: z.number(),
    /** Id of the key of its hashes; absent: they can be compared with no other. */
    hashKeyId: z.optional(textSchema()),
    changes: z.array(changeSchema()),
    /** Digests of the caller's key and of the request; the key itself stands nowhere. */
    idempotency: z.optional(z.object({ keyHash: textSchema(), fingerprint: textSchema() })),
    /** Hash of the profile before the write, where it was read. */
    before: z.optional(textSchema()),
    /** Pointers that were applied before the write was sent again without them. */
    accepted: z.optional(z.array(textSchema())),
    /** The write is sent a second time, and the first may still be applied. */
    isResent: z.optional(z.literal(true)),
  }),
);
export type WriteIntent = Readonly<SchemaValue<typeof intentSchema>>;

/** Reads an intent; undefined where another version of the program has written it. */
export function readIntent(json: string): WriteIntent | undefined {
  const read = intentSchema().safeParse(parsePlain(json));
  return read.success ? read.data : undefined;
}

/** Returns a change as an intent holds it; `before` is the profile that it merges into. */
export function intended(
  change: Change,
  before: StoredProfile | undefined,
  hashOf: ValueHash,
): MaybePromise<IntendedChange> {
  const { field, key, pointer } = change;
  const place = { pointer, field: field.pointer, step: stepOf(change) };
  const named = key === undefined ? place : { ...place, key };
  const expected = expectedValue(change, before?.content);
  const rule = confirmationOf(field, expected);
  if (rule === 'never') return named;
  if (rule === 'count') return { ...named, count: listLength(expected) ?? 0 };
  if (expected === null) return { ...named, clears: true };
  // An object merges into what is there, which is not known yet.
  if (isObject(change.value) && before === undefined) return named;
  const exact = hashOf(pointer, expected);
  if (rule !== 'normalized' || typeof expected !== 'string') {
    return mapped(exact, (hash) => ({ ...named, hash, rule }));
  }
  const loose = hashOf(pointer, withSameBlanks(expected));
  return mapped(allOf([exact, loose]), ([hash = '', looseHash = '']) => ({
    ...named,
    hash,
    rule,
    looseHash,
  }));
}

/** The part of an intent that a profile is compared with. */
export type ComparedIntent = Pick<WriteIntent, 'accepted' | 'changes' | 'before' | 'hashKeyId'>;

/**
 * Returns the part of an intent that can be compared by `hashOf`. Where its hashes have another
 * key, that is none: a part without hashes, alone, would seem to prove the others.
 */
export async function comparableIntent(
  intent: ComparedIntent,
  hashOf: ValueHash,
): Promise<ComparedIntent> {
  if (intent.hashKeyId === (await hashKeyId(hashOf))) return intent;
  return {
    changes: intent.changes.map(({ field, pointer, step }) => ({ field, pointer, step })),
  };
}

/** Judges an intended change by what the profile shows: the counterpart of `confirm`. */
export async function confirmIntended(
  change: IntendedChange,
  fields: FieldIndex,
  content: JsonObject,
  hashOf: ValueHash,
): Promise<Confirmation> {
  const { clears, count, hash, key, looseHash, pointer, rule } = change;
  const field = fields.get(change.field);
  if (field === undefined) return 'unconfirmed';
  if (count !== undefined) {
    const shown = listLength(valueAt(content, field.readBackPointer ?? pointer));
    if (shown === undefined) return 'unconfirmed';
    if (shown !== count) return 'contradicted';
    return count === 0 ? 'confirmed' : 'unconfirmed';
  }
  const shown = fieldValue(field, key, content);
  if (shown === undefined) return confirmMissing(change, field, content);
  if (clears === true) return isEmptyMap(field, key, shown) ? 'confirmed' : 'contradicted';
  if (hash === undefined) return 'unconfirmed';
  if ((await hashOf(pointer, shown)) === hash) return 'confirmed';
  if (rule === 'exact') return 'contradicted';
  if (looseHash === undefined || typeof shown !== 'string') return 'unconfirmed';
  return (await hashOf(pointer, withSameBlanks(shown))) === looseHash ? 'confirmed' : 'unconfirmed';
}

function confirmMissing(
  { clears, hash, key }: IntendedChange,
  field: Field,
  content: JsonObject,
): Confirmation {
  if (key !== undefined && fieldValue(field, undefined, content) === undefined) {
    return 'unconfirmed';
  }
  if (clears === true) return 'confirmed';
  if (hash === undefined || key === undefined || field.optionalInResponse === true) {
    return 'unconfirmed';
  }
  return 'contradicted';
}

function isEmptyMap(field: Field, key: string | undefined, shown: Json): boolean {
  if (field.map === undefined || key !== undefined) return false;
  return isObject(shown) && Object.keys(shown).length === 0;
}
