import type * as z from 'zod/mini';
import { isObject, type JsonObject, parseExact } from '../../adapter-kit/index.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import { schemaRef } from './profile-schemas.ts';
import { named } from './schemas/base-schemas.ts';

/** The schemas of `named` by their names. */
export function namedSchemas(): JsonObject {
  return Object.fromEntries([...named].map(([schema, name]) => [name, inputSchema(schema)]));
}

export function answerRef(schema: z.ZodMiniType): JsonObject {
  return schemaRef(named.get(schema) ?? '');
}

/** Returns the JSON Schema of the input of `schema`. */
export function inputSchema(schema: z.core.$ZodType): JsonObject {
  const copy = parseExact(JSON.stringify(jsonSchemaOf(schema, namedRef)));
  return isObject(copy) ? copy : {};
}

function namedRef(schema: z.core.$ZodType): JsonSchema | undefined {
  const name = named.get(schema);
  return name === undefined ? undefined : schemaRef(name);
}
