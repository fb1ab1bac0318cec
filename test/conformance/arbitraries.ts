import fc from 'fast-check';
import {
  type Field,
  type Json,
  type JsonObject,
  type Limit,
  parseExact,
  pointerTokens,
} from '../../src/adapter-kit/index.ts';
import { codePoint } from '../support/code-point.ts';
import { PALETTES } from './palette.ts';

/** One member of a patch and the field it is for. */
export type Member = {
  readonly field: Field;
  /** Below a map, the key. */
  readonly key?: string;
  readonly value: Json;
};

/** Texts that have broken somebody's code before. */
const EXOTIC_TEXTS = [
  '',
  ' ',
  ' a ',
  '\u0000',
  'a\r\nb',
  '\ud800',
  'x\udfff',
  '\u202e',
  '👩‍👩‍👧',
  'e\u0301',
  'ﬀ',
  'null',
  '../..',
  '<b>',
  'a'.repeat(64),
  'a'.repeat(65),
  'ü'.repeat(255),
  'ü'.repeat(256),
  '7fa885cd-fa39-4531-a42d-780af95c84a4',
];

/** Keys that objects and pointers treat as special. */
const EXOTIC_KEYS = ['__proto__', 'constructor', 'toString', '', 'a/b', 'm~n', '~1', '0', 'ü'];

/** Numbers whose text must survive, and some that no double holds. */
const EXOTIC_NUMBERS = [
  '0',
  '-0',
  '1.0',
  '1e2',
  '0.10',
  '1E+2',
  '9007199254740993',
  '12345678901234567890',
  '1e-400',
  '-1.5e300',
];

const number: fc.Arbitrary<Json> = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(...EXOTIC_NUMBERS).map((text) => parseExact(text) ?? 0),
);

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EXOTIC_TEXTS),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: codePoint, maxLength: 10 }),
);

export const key: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EXOTIC_KEYS),
  fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
);

/** An object whose members are all its own, `__proto__` too. */
function objectOf(value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> {
  return fc.array(fc.tuple(key, value), { maxLength: 4 }).map((m) => Object.fromEntries(m));
}

/** Any JSON, nested up to four levels. */
export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, {}, []),
    number,
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    objectOf(tie('value')),
  ),
})).value;

/** Values of a field as its declaration alone gives them: at its limits and around them. */
function declaredValue(field: Field): fc.Arbitrary<Json> {
  const { codec, limits = [] } = field;
  if (codec.values !== undefined) return fc.constantFrom(...codec.values);
  switch (codec.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(fc.integer(), ...limits.flatMap(aroundRange));
    case 'array of string':
      return fc.array(text, { maxLength: 4 });
    case 'any':
      return anyJson;
    default:
      return fc.oneof(text, ...limits.flatMap(aroundLength));
  }
}

function aroundRange(limit: Limit): fc.Arbitrary<Json>[] {
  if (limit.kind !== 'range') return [];
  const { maximum, minimum } = limit;
  return [fc.constantFrom(minimum - 1, minimum, maximum, maximum + 1)];
}

/** Texts of exactly the shortest and longest length, one less and one more, in wide characters. */
function aroundLength(limit: Limit): fc.Arbitrary<Json>[] {
  if (limit.kind !== 'length') return [];
  const bounds = [limit.minimum, limit.maximum].filter((bound) => bound !== undefined);
  const lengths = bounds.flatMap((bound) => [bound - 1, bound, bound + 1]).filter((n) => n >= 0);
  const units = fc.constantFrom('a', 'é', '中', '🜁');
  return [fc.tuple(fc.constantFrom(...lengths), units).map(([n, unit]) => unit.repeat(n))];
}

/** A field's value: mostly one the sandbox takes, at times null or of another type. */
export function valueFor(vendor: string, field: Field): fc.Arbitrary<Json> {
  const declared = declaredValue(field);
  const known = PALETTES[vendor]?.values[field.pointer];
  return fc.oneof(
    { arbitrary: known ?? declared, weight: 6 },
    { arbitrary: declared, weight: 2 },
    { arbitrary: fc.constant(null), weight: 1 },
    { arbitrary: anyJson, weight: 1 },
  );
}

function keyOf(vendor: string): fc.Arbitrary<string> {
  const known = PALETTES[vendor]?.keys;
  if (known === undefined) return key;
  return fc.oneof(
    { arbitrary: fc.constantFrom(...known), weight: 9 },
    { arbitrary: key, weight: 1 },
  );
}

/** A member that the sandbox takes, as far as declarations and palette say. */
export function goodMemberOf(vendor: string, field: Field): fc.Arbitrary<Member> {
  const palette = PALETTES[vendor];
  const value = palette?.values[field.pointer] ?? declaredValue(field);
  if (field.map === undefined) return value.map((v) => ({ field, value: v }));
  const keys = palette?.keys === undefined ? key : fc.constantFrom(...palette.keys);
  return fc.record({ field: fc.constant(field), key: keys, value });
}

export function memberOf(vendor: string, field: Field): fc.Arbitrary<Member> {
  const value = valueFor(vendor, field);
  if (field.map === undefined) return value.map((v) => ({ field, value: v }));
  return fc.record({ field: fc.constant(field), key: keyOf(vendor), value });
}

function someKeys(vendor: string, field: Field): fc.Arbitrary<Member[]> {
  return fc.array(memberOf(vendor, field), { minLength: 1, maxLength: 3 });
}

/** Some members of different fields; a map may give several keys. */
export function membersOf(vendor: string, fields: readonly Field[]): fc.Arbitrary<Member[]> {
  return fc
    .subarray([...fields], { minLength: 1 })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((field) =>
          field.map === undefined
            ? memberOf(vendor, field).map((member) => [member])
            : fc.oneof(
                { arbitrary: someKeys(vendor, field), weight: 9 },
                { arbitrary: fc.constant([{ field, value: null }]), weight: 1 },
              ),
        ),
      ),
    )
    .map((groups) => groups.flat());
}

/** The patch that has these members; of two for the same place the later one stays. */
export function patchOf(members: readonly Member[]): JsonObject {
  return members.reduce<JsonObject>((patch, { field, key: name, value }) => {
    const tokens = pointerTokens(field.pointer);
    return laidAt(patch, name === undefined ? tokens : [...tokens, name], value);
  }, {});
}

function laidAt(
  object: JsonObject,
  [first = '', ...rest]: readonly string[],
  value: Json,
): JsonObject {
  const inner = Object.hasOwn(object, first) ? object[first] : undefined;
  const below = typeof inner === 'object' && inner !== null ? (inner as JsonObject) : {};
  const laid = rest.length === 0 ? value : laidAt(below, rest, value);
  return Object.fromEntries([
    ...Object.entries(object).filter(([k]) => k !== first),
    [first, laid],
  ]);
}
