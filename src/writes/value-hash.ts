import {
  type Digests,
  decimalText,
  isList,
  isObject,
  isRawNumber,
  type Json,
  type JsonObject,
  type MaybePromise,
  mapped,
} from '../adapter-kit/index.ts';

/**
 * Hashes a value for one place: 32 hexadecimal digits of an HMAC-SHA-256 (128 bits). Equal values
 * have equal hashes, whatever the order of their members and the form of their numbers; without the
 * key nobody can try the few values that a status may have.
 */
export type ValueHash = (place: string, value: Json) => MaybePromise<string>;

const HASH_DIGITS = 32;

/** Creates the hash with an operator's key. */
export function createValueHash({ hmacSha256 }: Digests, key: string): ValueHash {
  return (place, value) =>
    mapped(hmacSha256(key, `${JSON.stringify(place)}${canonicalText(value)}`, 'hex'), shortened);
}

/**
 * Returns an id of the key of `hashOf`: hashes are equal for equal values only where their keys are
 * the same. It hashes a constant, at a place that no pointer names.
 */
export function hashKeyId(hashOf: ValueHash): MaybePromise<string> {
  return hashOf('key', null);
}

function shortened(hash: string): string {
  return hash.slice(0, HASH_DIGITS);
}

/** One text for all forms of a value that `jsonEqual` takes for the same. */
export function canonicalText(value: Json): string {
  if (typeof value === 'number') return decimalText(String(value)) ?? 'null';
  if (isRawNumber(value)) return decimalText(value.rawJSON) ?? 'null';
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const object: JsonObject = value;
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(object[key] ?? null)}`);
  return `{${members.join(',')}}`;
}
