import type { Change, Field, Limit } from './field.ts';
import { isList, isObject, type Json, type JsonObject, own } from './json.ts';
import { pointerTokens } from './pointer.ts';

/**
 * The canonical content of a vendor's object. Fields that are missing or of another form are left
 * out; a text that clears the field counts as absent, so that null and "" read back alike.
 */
export function decodeContent(fields: readonly Field[], wire: JsonObject): JsonObject {
  const content = new Map<string, Json>();
  const extension = new Map<string, Json>();
  let vendor = '';
  for (const field of fields) {
    if (field.access === 'write-only') continue;
    const value = own(wire, field.wireName);
    if (value === undefined) continue;
    const decoded = field.map === undefined ? decodeValue(field, value) : decodeMap(field, value);
    if (decoded === undefined) continue;
    const [first = '', owner = '', name = ''] = pointerTokens(field.pointer);
    if (first !== 'extensions') {
      content.set(first, decoded);
    } else {
      vendor = owner;
      extension.set(name, decoded);
    }
  }
  if (extension.size > 0) content.set('extensions', { [vendor]: Object.fromEntries(extension) });
  return Object.fromEntries(content);
}

function decodeValue(field: Field, wire: Json): Json | undefined {
  if (wire === null && field.codec.type !== 'any') return undefined;
  const decoded = field.codec.decode(wire);
  return clearsTo(field, wire) ? undefined : decoded;
}

/** Whether `wire` is the text by which the vendor says "no value". */
function clearsTo(field: Field, wire: Json): boolean {
  return field.clear.by === 'value' && field.clear.value === '' && wire === '';
}

function decodeMap(field: Field, wire: Json): Json | undefined {
  if (wire === null) return {};
  if (!isObject(wire)) return undefined;
  const members: [string, Json][] = [];
  for (const [key, value] of Object.entries(wire)) {
    const decoded = clearsTo(field, value) ? undefined : field.codec.decode(value);
    if (decoded !== undefined) members.push([key, decoded]);
  }
  return Object.fromEntries(members);
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
  if (limit.kind === 'pattern') return limit.pattern.test(value) ? undefined : limit.says;
  const { minimum = 0, maximum = Number.POSITIVE_INFINITY, unit } = limit;
  const length = unit === 'bytes' ? new TextEncoder().encode(value).length : codePoints(value);
  if (length < minimum) return `must have at least ${minimum} ${unit}`;
  return length > maximum ? `must have at most ${maximum} ${unit}` : undefined;
}

function codePoints(value: string): number {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

/** The members of a request body that `changes` of one write stand for, maps by key. */
export function wireMembers(changes: readonly Change[]): JsonObject {
  const members = new Map<string, Json>();
  const maps = new Map<string, [string, Json][]>();
  for (const { field, key, wire } of changes) {
    if (key === undefined) {
      members.set(field.wireName, wire);
      continue;
    }
    const entries = maps.get(field.wireName) ?? [];
    entries.push([key, wire]);
    maps.set(field.wireName, entries);
  }
  for (const [name, entries] of maps) members.set(name, Object.fromEntries(entries));
  return Object.fromEntries(members);
}

/** The value at a canonical pointer of some content, own properties only. */
export function valueAt(content: JsonObject, pointer: string): Json | undefined {
  let value: Json | undefined = content;
  for (const token of pointerTokens(pointer)) {
    value = isObject(value) ? own(value, token) : undefined;
  }
  return value;
}

/** How many items a list has, or undefined when it is none. */
export function listLength(value: Json | undefined): number | undefined {
  return isList(value) ? value.length : undefined;
}
