import { isList, isRawNumber, type Json } from './json.ts';
import { utcTime } from './timestamp.ts';

/** A canonical value in the vendor's form, or why the vendor cannot hold it. */
export type Encoded =
  | { readonly ok: true; readonly wire: Json; readonly coerced?: string }
  | { readonly ok: false; readonly reason: string };

/** Both directions of one value's translation, and its JSON type for the capability document. */
export type Codec = {
  readonly type: string;
  /** Every canonical value there is, where they are few words. */
  readonly values?: readonly string[];
  readonly encode: (value: Json) => Encoded;
  /** Undefined when the vendor's value is not of the expected form: then it is left out. */
  readonly decode: (wire: Json) => Json | undefined;
};

const accepted = (wire: Json): Encoded => ({ ok: true, wire });
const cannotEncode = (reason: string): Encoded => ({ ok: false, reason });

export const text: Codec = {
  type: 'string',
  encode: (value) =>
    typeof value === 'string' ? accepted(value) : cannotEncode('must be a string'),
  decode: (wire) => (typeof wire === 'string' ? wire : undefined),
};

/** Text only upstream; numbers and booleans are converted, which is a coercion. */
export const stringOnly: Codec = {
  type: 'string',
  encode: (value) => {
    if (typeof value === 'string') return accepted(value);
    if (typeof value !== 'number' && typeof value !== 'boolean' && !isRawNumber(value)) {
      return cannotEncode('the target stores only text');
    }
    const type = typeof value === 'boolean' ? 'boolean' : 'number';
    const coerced = `the target stores only text: the ${type} was converted`;
    return { ok: true, wire: JSON.stringify(value), coerced };
  },
  decode: (wire) => (typeof wire === 'string' ? wire : undefined),
};

export const boolean: Codec = {
  type: 'boolean',
  encode: (value) =>
    typeof value === 'boolean' ? accepted(value) : cannotEncode('must be true or false'),
  decode: (wire) => (typeof wire === 'boolean' ? wire : undefined),
};

export const integer: Codec = {
  type: 'integer',
  encode: (value) => {
    const number = isRawNumber(value) ? Number(value.rawJSON) : value;
    return Number.isSafeInteger(number) ? accepted(number) : cannotEncode('must be an integer');
  },
  decode: (wire) => {
    const number = isRawNumber(wire) ? Number(wire.rawJSON) : wire;
    return Number.isSafeInteger(number) ? number : undefined;
  },
};

export const textList: Codec = {
  type: 'array of string',
  encode: (value) =>
    isList(value) && value.every((item) => typeof item === 'string')
      ? accepted(value)
      : cannotEncode('must be a list of strings'),
  decode: (wire) => (isList(wire) ? wire.filter((item) => typeof item === 'string') : undefined),
};

/** Any JSON, the same in both directions. */
export const anyJson: Codec = {
  type: 'any',
  encode: accepted,
  decode: (wire) => wire,
};

/** Canonical words and the vendor's, one to one; a vendor's word outside the table is left out. */
export function enumeration(table: Readonly<Record<string, Json>>): Codec {
  const wireOf = new Map(Object.entries(table));
  const wordOf = new Map([...wireOf].map(([word, wire]) => [wire, word]));
  const values = [...wireOf.keys()];
  return {
    type: 'string',
    values,
    encode: (value) => {
      const wire = typeof value === 'string' ? wireOf.get(value) : undefined;
      return wire === undefined
        ? cannotEncode(`must be one of ${values.join(', ')}`)
        : accepted(wire);
    },
    decode: (wire) => wordOf.get(wire),
  };
}

/** Any RFC 3339 or ISO 8601 time the vendor writes becomes RFC 3339 in UTC; times are read-only. */
export const timestamp: Codec = {
  type: 'string',
  encode: () => cannotEncode('is set by the target'),
  decode: (wire) => (typeof wire === 'string' ? utcTime(wire) : undefined),
};
