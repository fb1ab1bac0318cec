import { timestamp } from './codec.ts';
import type { Field, Limit } from './field.ts';

/** JSON Schema keywords (2020-12) of one value; `x-` marks what JSON Schema has no keyword for. */
export type ValueSchema = {
  readonly type?: SchemaType;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Patterns, where there are several. */
  readonly allOf?: readonly { readonly pattern: string }[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: { readonly type?: SchemaType };
  /** Length of the text in bytes of UTF-8. */
  readonly 'x-minBytes'?: number;
  readonly 'x-maxBytes'?: number;
  /** Sentences for what the keywords say, and for patterns they cannot. */
  readonly description?: string;
};

/** Keywords of a field; a map has those of its members in `additionalProperties`. */
export type FieldSchema = ValueSchema & { readonly additionalProperties?: ValueSchema };

export const SCHEMA_TYPES = ['string', 'boolean', 'integer', 'number', 'object', 'array'] as const;
export type SchemaType = (typeof SCHEMA_TYPES)[number];

/** Schema of the values that a field accepts other than null. */
export function acceptedSchema(field: Field): FieldSchema {
  return inMap(field, { ...valueSchema(field), ...limitSchema(field.limits ?? []) });
}

/** Schema of a field as it reads back: limits bind what is written, not what is there already. */
export function shownSchema(field: Field): FieldSchema {
  return inMap(field, valueSchema(field));
}

function inMap({ map }: Field, value: ValueSchema): FieldSchema {
  return map === undefined ? value : { type: 'object', additionalProperties: value };
}

function valueSchema({ codec }: Field): ValueSchema {
  if (codec === timestamp) return { type: 'string', format: 'date-time' };
  if (codec.values !== undefined) return { type: 'string', enum: codec.values };
  const item = /^array of (.*)$/.exec(codec.type)?.[1];
  return item === undefined ? typeSchema(codec.type) : { type: 'array', items: typeSchema(item) };
}

/** No keyword for a codec of any JSON. */
function typeSchema(name: string): { readonly type?: SchemaType } {
  const type = SCHEMA_TYPES.find((known) => known === name);
  return type === undefined ? {} : { type };
}

/** JSON Schema keywords of `limits`. */
export function limitSchema(limits: readonly Limit[]): ValueSchema {
  if (limits.length === 0) return {};
  const patterns = limits.flatMap(patternOf);
  const [only] = patterns;
  return {
    ...Object.assign({}, ...limits.map(bounds)),
    // Several patterns cannot share one schema.
    ...(patterns.length > 1 ? { allOf: patterns } : only),
    description: limits.map(limitText).join('; '),
  };
}

/** A schema's pattern has no flags but `u`: one with others is in the description alone. */
function patternOf(limit: Limit): { readonly pattern: string }[] {
  if (limit.kind !== 'pattern') return [];
  const { flags, source } = limit.pattern;
  return flags === 'u' || flags === '' ? [{ pattern: source }] : [];
}

function bounds(limit: Limit): ValueSchema {
  if (limit.kind === 'pattern') return {};
  if (limit.kind === 'range') return { minimum: limit.minimum, maximum: limit.maximum };
  const { maximum, minimum, unit } = limit;
  if (unit === 'code points') {
    return {
      ...(minimum === undefined ? {} : { minLength: minimum }),
      ...(maximum === undefined ? {} : { maxLength: maximum }),
    };
  }
  // A text has no more code points than bytes, so its most bytes bound `maxLength` too.
  return {
    ...(minimum === undefined ? {} : { 'x-minBytes': minimum }),
    ...(maximum === undefined ? {} : { maxLength: maximum, 'x-maxBytes': maximum }),
  };
}

/** A limit as a phrase. */
export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'length': {
      const { maximum, minimum = 0, unit } = limit;
      return maximum === undefined
        ? `${minimum} ${unit} or more`
        : `${minimum} to ${maximum} ${unit}`;
    }
    case 'range':
      return `${limit.minimum} to ${limit.maximum}`;
    case 'pattern':
      return limit.message;
  }
}
