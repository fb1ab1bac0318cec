import type { Codec } from './codec.ts';
import { isObject, type Json, type JsonObject, own } from './json.ts';
import { pointerTokens } from './json-pointer.ts';

/** A limit on a value, counted as the vendor counts. */
export type Limit =
  | {
      readonly kind: 'length';
      readonly unit: 'code points' | 'bytes';
      readonly minimum?: number;
      readonly maximum?: number;
    }
  | { readonly kind: 'range'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'pattern'; readonly pattern: RegExp; readonly message: string };

/**
 * The vendor's form of null: as a value of its own, by taking the key out of the map that is
 * written back, or not at all.
 */
export type OnNull = 'reject' | 'remove' | { readonly send: Json };

/**
 * Extent to which an answer proves a write:
 * - `exact`: the value reads back as it was written.
 * - `normalized`: equal apart from blanks; another value may be the vendor's own computation.
 * - `present`: reads back in another form, so only its absence says something.
 * - `count`: a list that reads back in another form at `readBackPointer`; only its length counts.
 * - `never`: not returned at all.
 */
export type ConfirmationRule = 'exact' | 'normalized' | 'present' | 'count' | 'never';

export type Access = 'read_write' | 'read_only' | 'write_only';

/**
 * One field of one vendor: the only place where its name, form, limits and meaning are written.
 * Both directions, the capability document, the support table and the property tests follow it.
 */
export type Field = {
  /** Canonical JSON Pointer: `/name`, `/attributes`, `/extensions/<vendor>/<field>`. */
  readonly pointer: string;
  /** The member of the vendor's own object that holds it. */
  readonly wireName: string;
  readonly access: Access;
  readonly codec: Codec;
  readonly onNull: OnNull;
  readonly confirmation: ConfirmationRule;
  /** Rule in place of `confirmation`, for fields where it depends on the value written. */
  readonly confirmationByValue?: (value: Json) => ConfirmationRule;
  readonly limits?: readonly Limit[];
  /** For maps: whether the vendor takes single keys or only the whole map. */
  readonly map?: 'per-key' | 'whole';
  /** For maps: whether null for the map itself clears it. Null for a key follows `onNull`. */
  readonly nullClearsMap?: boolean;
  /** The vendor may leave it out of an answer although it has a value. */
  readonly optionalInResponse?: boolean;
  /** Pointer of the field in which a written list reads back, when that is another one. */
  readonly readBackPointer?: string;
  /** Which write carries it; two names in one patch are two writes. Default: `profile`. */
  readonly step?: string;
  /** Grants or freezes something: callers need an explicit allow. */
  readonly sensitive?: boolean;
  /** A new profile may have it although no patch can write it: beside `access: 'read_only'`. */
  readonly createOnly?: boolean;
  /** A new profile cannot have it, although a patch can write it. */
  readonly patchOnly?: boolean;
  /** The vendor creates no profile without it. */
  readonly requiredOnCreate?: boolean;
};

const paths = new WeakMap<Field, readonly string[]>();

/** The tokens of a field's pointer, parsed once for each declaration. */
export function fieldPathOf(field: Field): readonly string[] {
  const known = paths.get(field);
  if (known !== undefined) return known;
  const path = pointerTokens(field.pointer);
  paths.set(field, path);
  return path;
}

/** The value at a canonical pointer of some content, own properties only. */
export function valueAt(content: JsonObject, pointer: string): Json | undefined {
  return valueOn(pointerTokens(pointer), content);
}

/** The value of a field in some content, or of one key of a map; own properties only. */
export function fieldValue(
  field: Field,
  key: string | undefined,
  content: JsonObject,
): Json | undefined {
  const value = valueOn(fieldPathOf(field), content);
  if (key === undefined) return value;
  return isObject(value) ? own(value, key) : undefined;
}

function valueOn(path: readonly string[], content: JsonObject): Json | undefined {
  let value: Json | undefined = content;
  for (const token of path) value = isObject(value) ? own(value, token) : undefined;
  return value;
}

/** The write that carries a field which names none. */
export const DEFAULT_STEP = 'profile';

/** One member of a patch, planned: what is sent for it and what must read back. */
export type Change = {
  /** `/name`, `/attributes/cost_centre`, `/attributes` for null on the whole map. */
  readonly pointer: string;
  readonly field: Field;
  /** The key below the map, for fields with `map`. */
  readonly key?: string;
  /** The canonical value; null clears. */
  readonly value: Json;
  /** The value in the vendor's form; for a removal, null. */
  readonly wire: Json;
};

/** Returns the extent to which an answer proves that `value` was written to `field`. */
export function confirmationOf(field: Field, value: Json): ConfirmationRule {
  return field.confirmationByValue?.(value) ?? field.confirmation;
}

export function stepOf(change: Change): string {
  return change.field.step ?? DEFAULT_STEP;
}

/** Fields of a target by canonical pointer; targets of the same fields share one. */
export type FieldIndex = ReadonlyMap<string, Field>;

const indexes = new WeakMap<readonly Field[], FieldIndex>();

export function indexFields(fields: readonly Field[]): FieldIndex {
  const known = indexes.get(fields);
  if (known !== undefined) return known;
  const index = new Map(fields.map((field) => [field.pointer, field]));
  indexes.set(fields, index);
  return index;
}
