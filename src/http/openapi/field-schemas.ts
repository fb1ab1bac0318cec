import {
  type Adapter,
  acceptedSchema,
  type Field,
  isList,
  type JsonObject,
  pointerTokens,
} from '../../adapter-kit/index.ts';

/** Schema of a field in a patch: the values that it accepts, and null where null clears. */
export function patchedSchema(field: Field): JsonObject {
  const schema = acceptedSchema(field);
  const clears = field.onNull !== 'reject';
  if (field.map === undefined) return clears ? nullable(schema) : schema;
  const { additionalProperties: member = {} } = schema;
  const map = { ...schema, additionalProperties: clears ? nullable(member) : member };
  return field.nullClearsMap === true ? nullable(map) : map;
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
  return schemas.length === 1 ? only : (oneEnumeration(schemas) ?? { anyOf: schemas });
}

/**
 * Returns the values of several enumerations as one, since generators of clients repeat a value
 * that two alternatives have; undefined unless all of them are enumerations of texts.
 */
function oneEnumeration(schemas: readonly JsonObject[]): JsonObject | undefined {
  const lists = schemas.map(({ enum: values }) => (isList(values) ? values : []));
  const keywords = schemas.map(({ enum: _, title: __, ...others }) => JSON.stringify(others));
  if (lists.some((values) => values.length === 0)) return undefined;
  if (keywords.some((others) => others !== JSON.stringify({ type: 'string' }))) return undefined;
  const ofTitles = schemas.map(({ title }, i) => `${title}: ${lists[i]?.join(', ')}`);
  return { type: 'string', enum: [...new Set(lists.flat())], description: ofTitles.join('; ') };
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
