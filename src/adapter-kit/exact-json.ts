import { isList, isObject, type Json, type JsonObject } from './json.ts';

/**
 * Finds a number inside a value whose text would change: it follows the `:` of a member, `,` or
 * `[`, and has a fraction, an exponent, 16 digits or is `-0`. A match inside a string costs time,
 * no more.
 */
const FRAGILE_NUMBER = /(?:[,[]|(?<="[ \t\r\n]*):)[ \t\r\n]*(?:-0|-?\d+[.eE]|-?\d{16})/;

/** A string of valid JSON, and the colon that makes it a key. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"([ \t\r\n]*:)?/g;

/** Deepest nesting that is read: whatever walks through a value must not run out of stack. */
export const JSON_DEPTH_MAX = 500;

/** Longest text of a number that is read: comparing two takes more than time in proportion. */
export const JSON_NUMBER_CHARACTERS_MAX = 5_000;

/**
 * Parses JSON so that `JSON.stringify` of the result has every number as it was written.
 * Keys such as `__proto__` become own properties. Undefined when `text` is not JSON, is nested
 * deeper than `JSON_DEPTH_MAX`, or has a number of more than `numberCharactersMax`.
 */
export function parseExact(
  text: string,
  numberCharactersMax = JSON_NUMBER_CHARACTERS_MAX,
): Json | undefined {
  const value = parsePlain(text);
  // Of 400 characters the walk takes 0.05 µs, the search 0.2, and a parse with a reviver 4.
  return hasNumber(value) ? withNumberTexts(value, text, numberCharactersMax) : value;
}

/**
 * Returns the result of `parseExact` from that of `parsePlain` and its text; the very same value
 * where no number's text would change.
 */
export function withNumberTexts(
  value: Json | undefined,
  text: string,
  charactersMax: number,
): Json | undefined {
  const mayChange = typeof value === 'number' || FRAGILE_NUMBER.test(text);
  return mayChange ? parseNumberTexts(text, charactersMax) : value;
}

function parseNumberTexts(text: string, charactersMax: number): Json | undefined {
  let longest = 0;
  const keepText = (_key: string, member: Json, { source }: { source: string }): Json => {
    if (typeof member !== 'number' || numberText(member) === source) return member;
    longest = Math.max(longest, source.length);
    return JSON.rawJSON(source);
  };
  const parse = (valid: string): Json => JSON.parse(valid, keepText);
  const value = hasEscapedKey(text) ? parseWithPlainKeys(text, parse) : parse(text);
  return longest > charactersMax ? undefined : value;
}

/** The same for JSON of which no number's text matters. */
export function parsePlain(text: string): Json | undefined {
  // What opens must close, so JSON that is nested deeper has more characters than that.
  if (text.length > 2 * JSON_DEPTH_MAX && isDeeperThan(JSON_DEPTH_MAX, text)) return undefined;
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return hasEscapedKey(text) ? parseWithPlainKeys(text, (plain) => JSON.parse(plain)) : value;
}

/**
 * Reports whether an object in `text`, which must be valid JSON, has a key that is written with an
 * escape, such as `"a\nb"`.
 */
function hasEscapedKey(text: string): boolean {
  if (!text.includes('\\')) return false;
  for (const [string, colon] of text.matchAll(STRING)) {
    if (colon !== undefined && string.includes('\\')) return true;
  }
  return false;
}

/**
 * Parses valid JSON by `parse` with every key replaced by a plain one, and puts the keys back.
 * `JSON.parse` of V8 13.6 can take an escaped key for one that it has read before: it compares the
 * key as it is written with the other as it is meant, so `"\n"` becomes `"\\"`.
 */
function parseWithPlainKeys(text: string, parse: (text: string) => Json): Json {
  const plainKeys = new Map<string, string>();
  const plain = text.replaceAll(STRING, (whole, colon: string | undefined) => {
    if (colon === undefined) return whole;
    // A string by itself is no key, and is read right.
    const key = String(JSON.parse(whole.slice(0, -colon.length)));
    const plainKey = plainKeys.get(key) ?? `k${plainKeys.size}`;
    plainKeys.set(key, plainKey);
    return `"${plainKey}":`;
  });
  return withKeys(parse(plain), [...plainKeys.keys()]);
}

/** Returns `value` with each key `k<index>` replaced by the key at that index. */
function withKeys(value: Json, keys: readonly string[]): Json {
  if (isList(value)) return value.map((item) => withKeys(item, keys));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([plainKey, member]): [string, Json] => [
    keys[Number(plainKey.slice(1))] ?? plainKey,
    withKeys(member, keys),
  ]);
  const object: JsonObject = Object.fromEntries(entries);
  return object;
}

/**
 * Reports whether `text`, which need not be JSON, opens more than `levels` at once outside of
 * strings.
 */
export function isDeeperThan(levels: number, text: string): boolean {
  // Where no more open in all, in strings or not, what is a string does not matter.
  const opened = countOf('{', text, levels) + countOf('[', text, levels);
  return opened > levels && shapeOf(text).depth > levels;
}

/** Counts `character` in `text`; beyond `enough` it is not counted to the end. */
export function countOf(character: string, text: string, enough = text.length): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    count += 1;
    if (count > enough) break;
  }
  return count;
}

/** Nesting and number of object members, counted in the text without parsing it. */
export function shapeOf(text: string): { readonly depth: number; readonly members: number } {
  let [level, depth, members, inString] = [0, 0, 0, false];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c)
        i += 1; // a backslash escapes what follows
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x3a) members += 1;
    else if (code === 0x7b || code === 0x5b) depth = Math.max(depth, ++level);
    else if (code === 0x7d || code === 0x5d) level -= 1;
  }
  return { depth, members };
}

/** Numbers, members of objects and items of lists in a value, at any depth. */
export type ValueCounts = { numbers: number; members: number; items: number };

/** Counts what a value of `parsePlain` holds, in one walk. */
export function countsIn(value: Json | undefined): Readonly<ValueCounts> {
  const counts = { numbers: 0, members: 0, items: 0 };
  addCounts(value, counts);
  return counts;
}

function addCounts(value: Json | undefined, counts: ValueCounts): void {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number') counts.numbers += 1;
    return;
  }
  const inside = Object.values(value);
  if (Array.isArray(value)) counts.items += inside.length;
  else counts.members += inside.length;
  for (const one of inside) addCounts(one, counts);
}

function hasNumber(value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'number';
  return Object.values(value).some(hasNumber);
}

/** Returns what `JSON.stringify` writes for a number, `null` for one that is not finite. */
function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}
