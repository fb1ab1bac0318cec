import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/adapter-kit/index.ts';

/** One vendor under one configuration, as the fault suite knows it apart from the adapters. */
export type Subject = {
  readonly name: string;
  readonly vendor: string;
  /** The sandbox that answers for it. */
  readonly folder: string;
  readonly id: string;
  /** What a profile may be before its patch. */
  readonly seeds: readonly [JsonObject, ...JsonObject[]];
  readonly settings: (origin: string) => JsonObject;
  readonly usesTokens: boolean;
  /** Faults after which the vendor may apply a request for so long that nothing is proven. */
  readonly queuedBehind?: RegExp;
  /** A write ends the token it was sent with, so that its second delivery is told so. */
  readonly writesEndToken?: true;
  readonly patches: fc.Arbitrary<JsonObject>;
  /** Patches that take two writes, if any do. */
  readonly twoStepPatches?: fc.Arbitrary<JsonObject>;
  /** Where a member of a patch is stored, and in which form; a list means "these in any order". */
  readonly stored: Readonly<Record<string, StoredAs>>;
  /** Other profiles of the account that stand in the way of a patch, as they are to be. */
  readonly neighbours?: Readonly<Record<string, JsonObject>>;
  /** Stored members that the vendor sets itself. */
  readonly ownMembers: readonly string[];
  /** What another client may write: to a member of the patch, and to one that no patch names. */
  readonly outsideValues: Readonly<Record<string, Json>>;
  /** What such a writer changes in any case, where the vendor tells no time of the last change. */
  readonly outsideMark?: JsonObject;
  readonly outsideElsewhere: (stored: JsonObject) => JsonObject;
  /** Answer to a token or signature that is no longer good. */
  readonly expired: { readonly status: number; readonly body: string };
};

export type StoredAs = {
  readonly member: string;
  readonly form?: (value: Json) => Json;
  /** Blanks at the ends and the composition of characters make no difference to the vendor. */
  readonly isNormalized?: true;
  /** A value that clears, beside null. */
  readonly clears?: Json;
  /** Whether an answer can show that this value was stored; true unless told. */
  readonly isShown?: (value: Json, seed: JsonObject) => boolean;
};

export const word = (
  alphabet: string,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
export const letters = 'abcdefghkmnpqrstuvwxyz';

/** A patch with one to all of `members`, fewer more often. */
export function patchOf(
  members: Readonly<Record<string, fc.Arbitrary<Json>>>,
): fc.Arbitrary<JsonObject> {
  const names = Object.keys(members);
  return fc
    .subarray(names, { minLength: 1, maxLength: names.length })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(chosen.map((name) => [name, members[name] ?? fc.constant(null)])),
      ),
    );
}

export const map = (
  keys: readonly string[],
  values: fc.Arbitrary<Json>,
): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...keys), values, {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  });
