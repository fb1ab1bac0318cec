import {
  type Adapter,
  type Field,
  type JsonObject,
  type Limit,
  limitText,
  pointerTokens,
  timestamp,
} from '../../adapter-kit/index.ts';

/** A field's value as a vendor shows it. Limits bind what is written, not what is there already. */
export function shownSchema(field: Field): JsonObject {
  const value = valueSchema(field);
  return field.map === undefined ? value : { type: 'object', additionalProperties: value };
}

/** A field's value as a patch may give it, null where it clears. */
export function patchedSchema(field: Field): JsonObject {
  const limits = (field.limits ?? []).map(limitSchema);
  const value = { ...valueSchema(field), ...joined(limits), ...told(field.limits) };
  const member = field.clear.by === 'refusal' ? value : nullable(value);
  if (field.map === undefined) return member;
  const map = { type: 'object', additionalProperties: member };
  return field.nullClearsMap === true ? nullable(map) : map;
}

function valueSchema({ codec }: Field): JsonObject {
  if (codec === timestamp) return { type: 'string', format: 'date-time' };
  if (codec.values !== undefined) return { type: 'string', enum: codec.values };
  return typeSchema(codec.type);
}

const JSON_TYPES = ['string', 'boolean', 'integer', 'number', 'object'];
const LIST = 'array of ';

function typeSchema(type: string): JsonObject {
  if (type.startsWith(LIST)) return { type: 'array', items: typeSchema(type.slice(LIST.length)) };
  return JSON_TYPES.includes(type) ? { type } : {};
}

/** Bytes are no less than code points, so a limit in bytes is told as far as a schema can. */
function limitSchema(limit: Limit): JsonObject {
  switch (limit.kind) {
    case 'range':
      return { minimum: limit.minimum, maximum: limit.maximum };
    case 'pattern':
      // A schema's pattern has no flags but `u`: with others the description alone tells it.
      return limit.pattern.flags === 'u' || limit.pattern.flags === ''
        ? { pattern: limit.pattern.source }
        : {};
    case 'length': {
      const { maximum, minimum, unit } = limit;
      return {
        ...(minimum === undefined || unit === 'bytes' ? {} : { minLength: minimum }),
        ...(maximum === undefined ? {} : { maxLength: maximum }),
      };
    }
  }
}

/** Several patterns cannot share one schema. */
function joined(limits: readonly JsonObject[]): JsonObject {
  const patterns = limits.filter((limit) => limit.pattern !== undefined);
  const merged: JsonObject = Object.assign({}, ...limits);
  if (patterns.length < 2) return merged;
  const { pattern: _, ...rest } = merged;
  return { ...rest, allOf: patterns };
}

function told(limits: readonly Limit[] | undefined): JsonObject {
  return limits === undefined ? {} : { description: limits.map(limitText).join('; ') };
}

function nullable(schema: JsonObject): JsonObject {
  const { type } = schema;
  if (type === undefined) return schema;
  const words = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {};
  return { ...schema, ...words, type: [type, 'null'] };
}

/** A field, and the title of the dialect that has it. */
export type TitledField = { readonly title: string; readonly field: Field };

/** Equal schemas of several dialects once; different ones beside each other, with their titles. */
export function eitherOf(
  fields: readonly TitledField[],
  schemaOf: (field: Field) => JsonObject,
): JsonObject {
  const groups = Map.groupBy(fields, ({ field }) => JSON.stringify(schemaOf(field)));
  const schemas = [...groups.values()].map((group) => ({
    title: [...new Set(group.map(({ title }) => title))].join(', '),
    ...Object.assign({}, ...group.slice(0, 1).map(({ field }) => schemaOf(field))),
  }));
  const [{ title: _, ...only } = { title: '' }] = schemas;
  return schemas.length === 1 ? only : { anyOf: schemas };
}

/** The fields of all dialects of `adapters` by pointer. */
export function fieldsByPointer(adapters: readonly Adapter[]): Map<string, TitledField[]> {
  const sets = adapters.flatMap((adapter) => adapter.fieldSets);
  const fields = sets.flatMap((set) => set.fields.map((field) => ({ title: set.title, field })));
  return Map.groupBy(fields, ({ field }) => field.pointer);
}

/** The member below `/extensions/<vendor>`, or undefined for a field of another place. */
export function extensionName(pointer: string): string | undefined {
  const [first, , name] = pointerTokens(pointer);
  return first === 'extensions' ? name : undefined;
}
