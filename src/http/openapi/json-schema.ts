import * as z from 'zod/mini';

/** A schema as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Returns the reference that stands for a schema inside another, for named ones. */
export type ReferenceOf = (schema: z.core.$ZodType) => JsonSchema | undefined;

/**
 * Returns the JSON Schema (2020-12) of `schema`, for the kinds of schemas in the HTTP interface; of
 * one that transforms values, that of its input. Throws a `TypeError` at another kind. Zod's own
 * writer, which supports all kinds, is a tenth of a Worker.
 */
export function jsonSchemaOf(schema: z.core.$ZodType, referenceOf: ReferenceOf): JsonSchema {
  const description = z.globalRegistry.get(schema)?.description;
  return {
    ...typeSchemaOf(schema, (inner) => referenceOf(inner) ?? jsonSchemaOf(inner, referenceOf)),
    ...(description === undefined ? {} : { description }),
  };
}

type Write = (inner: z.core.$ZodType) => JsonSchema;

function typeSchemaOf(schema: z.core.$ZodType, write: Write): JsonSchema {
  if (!isKnown(schema)) throw new TypeError(`no JSON Schema for ${schema._zod.def.type}`);
  const { def } = schema._zod;
  switch (def.type) {
    case 'custom':
    case 'unknown':
      return {};
    case 'boolean':
      return { type: 'boolean' };
    case 'string':
      return { type: 'string', ...limitsOf(def) };
    case 'number':
      return 'format' in def && def.format === 'safeint'
        ? { type: 'integer', ...SAFE_INTEGERS, ...limitsOf(def) }
        : { type: 'number', ...limitsOf(def) };
    case 'literal':
      return valuesOf(def.values);
    case 'enum':
      return valuesOf(Object.values(def.entries), true);
    case 'array':
      return { type: 'array', items: write(def.element), ...itemLimitsOf(def) };
    case 'record': {
      const { keyType, valueType } = def;
      const propertyNames = write(keyType);
      return { type: 'object', propertyNames, additionalProperties: write(valueType) };
    }
    case 'object':
      return objectOf(def, write);
    case 'optional':
      return write(def.innerType);
    case 'default':
      return { ...write(def.innerType), default: def.defaultValue };
    case 'pipe':
      return write(def.in);
    case 'union':
      return { anyOf: def.options.map(write) };
  }
}

type Known = Extract<
  z.core.$ZodTypes,
  { readonly _zod: { readonly def: { readonly type: (typeof KINDS)[number] } } }
>;

const KINDS = [
  'array',
  'boolean',
  'custom',
  'default',
  'enum',
  'literal',
  'number',
  'object',
  'optional',
  'pipe',
  'record',
  'string',
  'union',
  'unknown',
] as const;

function isKnown(schema: z.core.$ZodType): schema is Known {
  const { type } = schema._zod.def;
  return KINDS.some((kind) => kind === type);
}

const SAFE_INTEGERS = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

/** Lengths, ranges and patterns; other checks have no words in JSON Schema. */
function limitsOf({ checks = [] }: { readonly checks?: readonly z.core.$ZodCheck<never>[] }) {
  const limits: Record<string, unknown> = {};
  for (const { _zod } of checks) {
    const { def } = _zod;
    if ('minimum' in def) limits.minLength = def.minimum;
    if ('maximum' in def) limits.maxLength = def.maximum;
    if ('pattern' in def && def.pattern instanceof RegExp) limits.pattern = def.pattern.source;
    if ('value' in def) limits[def.check === 'less_than' ? 'maximum' : 'minimum'] = def.value;
  }
  return limits;
}

/** Least and greatest number of items. */
function itemLimitsOf(def: Parameters<typeof limitsOf>[0]): JsonSchema {
  const { maxLength, minLength } = limitsOf(def);
  return {
    ...(minLength === undefined ? {} : { minItems: minLength }),
    ...(maxLength === undefined ? {} : { maxItems: maxLength }),
  };
}

function valuesOf(values: readonly unknown[], isList = values.length > 1): JsonSchema {
  const type = typeof values[0];
  return isList ? { type, enum: values } : { type, const: values[0] };
}

/** Describes an object: closed, unless its schema lets other members through. */
function objectOf({ catchall, shape }: z.core.$ZodObjectDef, write: Write): JsonSchema {
  const members = Object.entries(shape);
  const required = members.filter(([, member]) => member._zod.optout === undefined);
  const isOpen = catchall !== undefined && catchall._zod.def.type !== 'never';
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, write(member)])),
    ...(required.length === 0 ? {} : { required: required.map(([name]) => name) }),
    additionalProperties: isOpen ? write(catchall) : false,
  };
}
