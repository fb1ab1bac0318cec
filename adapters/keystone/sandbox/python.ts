import { parseExact } from '../../../src/adapter-kit/exact-json.ts';
import {
  isList,
  isObject,
  isRawNumber,
  type Json,
  type JsonObject,
  own,
} from '../../../src/adapter-kit/json.ts';

/**
 * Behavior that OpenStack's servers inherit from Python: how JSON is written, numbers are kept and
 * compared. Sources: Python 3.11 `json` and `repr(float)`; compared with Keystone 22 and Senlin 14.
 */

/** JSON as `json.dumps` writes it: `", "` and `": "` between parts, ASCII only, `Infinity`. */
export function pythonJson(value: Json, options: { readonly sortKeys: boolean }): string {
  if (typeof value === 'string') return asciiText(value);
  if (typeof value === 'number') return numberText(String(value));
  if (isRawNumber(value)) return numberText(value.rawJSON);
  if (isList(value)) return `[${value.map((item) => pythonJson(item, options)).join(', ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.entries(value);
  if (options.sortKeys) members.sort(([a], [b]) => compareCodePoints(a, b));
  return `{${members.map(([k, v]) => `${asciiText(k)}: ${pythonJson(v, options)}`).join(', ')}}`;
}

/** The value as Python holds it after `json.loads`: `1.10` becomes `1.1`, `1e2` becomes `100.0`. */
export function asPythonHolds(value: Json): Json {
  if (typeof value === 'number') return numberOf(numberText(String(value)));
  if (isRawNumber(value)) return numberOf(numberText(value.rawJSON));
  if (isList(value)) return value.map(asPythonHolds);
  return isObject(value) ? asPythonObjectHolds(value) : value;
}

export function asPythonObjectHolds(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, asPythonHolds(v)]));
}

/** Python's `==` on parsed JSON: `1 == 1.0` and `True == 1` hold. */
export function pythonEqual(a: Json, b: Json): boolean {
  const [left, right] = [numericOf(a), numericOf(b)];
  if (left !== undefined && right !== undefined) return !(left < right) && !(left > right);
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((v, i) => pythonEqual(v, b[i] ?? null));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && pythonEqual(own(a, key) ?? null, own(b, key) ?? null),
    )
  );
}

/** `repr` of a parsed JSON value, as the servers quote it in their messages. */
export function pythonRepr(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') {
    const text = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return text.includes("'") && !text.includes('"')
      ? `"${text}"`
      : `'${text.replaceAll("'", "\\'")}'`;
  }
  if (isList(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (!isObject(value)) return pythonJson(value, { sortKeys: false });
  const members = Object.entries(value);
  return `{${members.map(([k, v]) => `${pythonRepr(k)}: ${pythonRepr(v)}`).join(', ')}}`;
}

/** `str.strip()`: Unicode white space, which in Python includes U+001C to U+001F but not U+FEFF. */
export function pythonStrip(text: string): string {
  const blank =
    '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
  return text.replace(new RegExp(`^${blank}`), '').replace(new RegExp(`${blank}$`), '');
}

/** Length in code points, as Python counts. */
export function pythonLength(text: string): number {
  return [...text].length;
}

export function compareCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Python's text for a JSON number: integers keep their digits, others become a float's `repr`. */
function numberText(source: string): string {
  if (/^-?\d+$/.test(source)) return source === '-0' ? '0' : source;
  const value = Number(source);
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const power = Number(exponent);
  // repr(float) turns to exponents below 1e-4 and from 1e16 on, with two digits at least.
  if (power < -4 || power >= 16) {
    const sized = String(Math.abs(power)).padStart(2, '0');
    return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${sized}`;
  }
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  const padded = digits.padEnd(power + 2, '0');
  return `${sign}${padded.slice(0, power + 1)}.${padded.slice(power + 1)}`;
}

/** A float over 1.8e308 stays JavaScript's infinity, which `pythonJson` writes as Python does. */
function numberOf(text: string): Json {
  if (text.endsWith('Infinity')) return Number(text);
  return parseExact(text) ?? null;
}

function numericOf(value: Json): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  if (!isRawNumber(value)) return undefined;
  return /^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : Number(value.rawJSON);
}

function asciiText(text: string): string {
  return asciiOnly(JSON.stringify(text));
}

/** JSON text without a character above `~`, as Python's `ensure_ascii` leaves it. */
export function asciiOnly(json: string): string {
  return json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
