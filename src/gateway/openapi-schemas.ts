import * as z from 'zod/mini';
import { isObject, type JsonObject, parseExact } from '../contract/index.ts';
import { SCHEMAS, schemaRef } from './openapi-profile.ts';
import { named } from './schemas.ts';

/** The schemas of `named` by their names. */
export function namedSchemas(): JsonObject {
  const options = { unrepresentable: 'any', uri: (id: string) => SCHEMAS + id } as const;
  const { schemas } = z.toJSONSchema(named, options);
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)]));
}

export function answerRef(schema: z.ZodMiniType): JsonObject {
  return schemaRef(named.get(schema)?.id ?? '');
}

/** What may stand where `schema` reads it, before anything is made of it. */
export function inputSchema(schema: z.core.$ZodType): JsonObject {
  return plain(z.toJSONSchema(schema, { io: 'input' }));
}

/** A schema without its own address, which is where it stands in the document. */
function plain(schema: object): JsonObject {
  const copy = parseExact(JSON.stringify(schema));
  const members = isObject(copy) ? Object.entries(copy) : [];
  return Object.fromEntries(members.filter(([key]) => key !== '$schema' && key !== '$id'));
}
