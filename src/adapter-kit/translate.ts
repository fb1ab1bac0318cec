import { type Change, type Field, fieldPathOf, type Limit } from './field.ts';
import { isList, isObject, type Json, type JsonDraft, type JsonObject, setOwn } from './json.ts';

/** The place of a field in the content; `vendor` has it in its extension. */
type ContentPlace = { readonly name: string; readonly vendor: string | undefined };

const places = new WeakMap<Field, ContentPlace>();

/** Returns the place of a field, found once for each declaration. */
function contentPlaceOf(field: Field): ContentPlace {
  const known = places.get(field);
  if (known !== undefined) return known;
  const [first = '', owner = '', name = ''] = fieldPathOf(field);
  const isExtension = first === 'extensions';
  const place = isExtension ? { name, vendor: owner } : { name: first, vendor: undefined };
  places.set(field, place);
  return place;
}

/**
 * The canonical content of a vendor's object. Fields that are missing or of another form are left
 * out; a text that clears the field counts as absent, so that null and "" read back alike.
 */
export function decodeContent(fields: readonly Field[], wire: JsonObject): JsonObject {
  const content: JsonDraft = {};
  let extension: { readonly vendor: string; readonly members: JsonDraft } | undefined;
  for (const field of fields) {
    const { access, map, wireName } = field;
    if (access === 'write_only' || !Object.hasOwn(wire, wireName)) continue;
    const value = wire[wireName] ?? null;
    const decoded = map === undefined ? decodeValue(field, value) : decodeMap(field, value);
    if (decoded === undefined) continue;
    const { name, vendor } = contentPlaceOf(field);
    if (vendor === undefined) {
      content[name] = decoded;
    } else {
      extension ??= { vendor, members: {} };
      extension.members[name] = decoded;
    }
  }
  if (extension !== undefined) content.extensions = { [extension.vendor]: extension.members };
  return content;
}

function decodeValue(field: Field, wire: Json): Json | undefined {
  if (wire === null && field.codec.type !== 'any') return undefined;
  return clearsTo(field, wire) ? undefined : field.codec.decode(wire);
}

/** Reports whether `wire` is the text by which the vendor says "no value". */
function clearsTo({ onNull }: Field, wire: Json): boolean {
  return wire === '' && typeof onNull === 'object' && onNull.send === '';
}

function decodeMap(field: Field, wire: Json): Json | undefined {
  if (wire === null) return {};
  if (!isObject(wire)) return undefined;
  const map: JsonObject = wire;
  const members: JsonDraft = {};
  for (const key of Object.keys(map)) {
    const value = map[key] ?? null;
    const decoded = clearsTo(field, value) ? undefined : field.codec.decode(value);
    if (decoded !== undefined) setOwn(members, key, decoded);
  }
  return members;
}

/** Why `value` is outside a limit, or undefined. Lengths of text count code points or bytes. */
export function limitBroken(limits: readonly Limit[] | undefined, value: Json): string | undefined {
  for (const limit of limits ?? []) {
    const reason = breaks(limit, value);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function breaks(limit: Limit, value: Json): string | undefined {
  if (limit.kind === 'range') {
    if (typeof value !== 'number') return undefined;
    const { minimum, maximum } = limit;
    return value < minimum || value > maximum ? `must be ${minimum} to ${maximum}` : undefined;
  }
  if (typeof value !== 'string') return undefined;
  if (limit.kind === 'pattern') return limit.pattern.test(value) ? undefined : limit.message;
  const { minimum = 0, maximum = Number.POSITIVE_INFINITY, unit } = limit;
  if (surelyWithin(value, unit, minimum, maximum)) return undefined;
  // With more units than that it is too long whatever they are, so the rest is not counted.
  const counted = value.slice(0, 2 * Math.max(minimum, maximum) + 2);
  const length = unit === 'bytes' ? new TextEncoder().encode(counted).length : codePoints(counted);
  if (length < minimum) return `must have at least ${minimum} ${unit}`;
  return length > maximum ? `must have at most ${maximum} ${unit}` : undefined;
}

/** Reports whether as many UTF-16 units as `value` has are within, whatever characters they are. */
function surelyWithin(
  { length }: string,
  unit: 'code points' | 'bytes',
  minimum: number,
  maximum: number,
): boolean {
  // One unit is half a code point at least, and three bytes at most.
  return unit === 'bytes'
    ? length >= minimum && 3 * length <= maximum
    : length >= 2 * minimum && length <= maximum;
}

function codePoints(value: string): number {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

/**
 * The members of a request body that `changes` of one write stand for, maps by key and last; laid
 * over `members`.
 */
export function wireMembers(changes: readonly Change[], members: JsonDraft = {}): JsonObject {
  let maps: Map<string, JsonDraft> | undefined;
  for (const { field, key, wire } of changes) {
    if (key === undefined) {
      setOwn(members, field.wireName, wire);
      continue;
    }
    maps ??= new Map();
    const map = maps.get(field.wireName) ?? {};
    setOwn(map, key, wire);
    maps.set(field.wireName, map);
  }
  if (maps !== undefined) {
    for (const [name, map] of maps) setOwn(members, name, map);
  }
  return members;
}

/** Returns the number of items of a list, or undefined when it is none. */
export function listLength(value: Json | undefined): number | undefined {
  return isList(value) ? value.length : undefined;
}
