import * as z from 'zod/mini';
import { isObject, type Json, type JsonObject } from '../../../src/adapter-kit/index.ts';
import type { Descriptions } from '../../../src/config/descriptions.ts';

/** The words of a schema for a form that it checks by a pattern or a function. */
export const FORM = 'errorMessage';

/** JSON Schema (2020-12) of what `schema` accepts, with the forms in the words of its checks. */
export function acceptedBy(schema: z.core.$ZodType): JsonObject {
  const written = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema, zodSchema }) => {
      const form = formOf(zodSchema);
      if (form !== undefined) Object.assign(jsonSchema, { [FORM]: form });
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { $schema: _, ...rest }: JsonObject = JSON.parse(JSON.stringify(written));
  return rest;
}

/** The message of a check with one of its own; it begins with `must be`. */
function formOf(schema: z.core.$ZodType): string | undefined {
  const { checks = [], error } = schema._zod.def;
  const errors = [error, ...checks.map(({ _zod }) => _zod.def.error)];
  const issue = { code: 'custom', input: '', path: [] };
  const messages = errors.map((own) =>
    (own as ((about: typeof issue) => unknown) | undefined)?.(issue),
  );
  return messages
    .find((message) => typeof message === 'string' && message.startsWith('must be '))
    ?.toString();
}

/** Adds the description of each key to the schema; both must have the same keys. */
export function describe(schema: JsonObject, texts: Descriptions, path: string): JsonObject {
  const unused = new Set(pathsOf(texts, path));
  const described = describeAt(schema, texts, path, unused);
  if (unused.size > 0) throw new Error(`descriptions without a key: ${[...unused].join(', ')}`);
  return described;
}

function describeAt(
  schema: JsonObject,
  text: string | Descriptions | undefined,
  path: string,
  unused: Set<string>,
): JsonObject {
  const own = typeof text === 'object' ? text[''] : text;
  unused.delete(path);
  const isTop = !path.includes('.');
  if (typeof own !== 'string' && !isTop) throw new Error(`${path} has no description`);
  const inner = (member: Json, key: string): Json => {
    const below = typeof text === 'object' ? text[key] : undefined;
    const isPlain = below === undefined && (key === '*' || key === '[]');
    if (!isObject(member) || (isPlain && !hasKeys(member))) return member;
    return describeAt(member, below, `${path}.${key}`, unused);
  };
  const members = Object.entries(schema).map(([keyword, value]): [string, Json] => {
    if (keyword === 'properties' && isObject(value)) {
      const described = Object.entries(value).map(([key, member]) => [key, inner(member, key)]);
      return [keyword, Object.fromEntries(described)];
    }
    if (keyword === 'additionalProperties') return [keyword, inner(value, '*')];
    if (keyword === 'items') return [keyword, inner(value, '[]')];
    if ((keyword === 'anyOf' || keyword === 'oneOf') && Array.isArray(value)) {
      const options = value.filter(isObject);
      return [keyword, options.map((option) => withoutOwn(describeAt(option, text, path, unused)))];
    }
    return [keyword, value];
  });
  const { [FORM]: form, ...rest } = Object.fromEntries(members);
  return {
    ...(typeof own === 'string' ? { description: own } : {}),
    ...rest,
    ...(form === undefined ? {} : { [FORM]: form }),
  };
}

/** An alternative is described by what it is an alternative of. */
function withoutOwn({ description: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

function hasKeys({ anyOf, oneOf, properties }: JsonObject): boolean {
  return properties !== undefined || anyOf !== undefined || oneOf !== undefined;
}

function pathsOf(texts: Descriptions, path: string): string[] {
  return Object.entries(texts).flatMap(([key, text]) => {
    const at = key === '' ? path : `${path}.${key}`;
    return typeof text === 'string' ? [at] : pathsOf(text, at);
  });
}
