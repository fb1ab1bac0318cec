import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  explainQuerySchema,
  readHeadersSchema,
  writeHeadersSchema,
} from '../../../src/http/middleware/profile-request.ts';
import { jsonSchemaOf } from '../../../src/http/openapi/json-schema.ts';
import { inputSchema, namedSchemas } from '../../../src/http/openapi/named-schemas.ts';
import { named } from '../../../src/http/openapi/schemas/base-schemas.ts';

const SCHEMAS = '#/components/schemas/';

/** What Zod's own writer makes of the named schemas. */
function zodSchemas(): Record<string, unknown> {
  const registry = z.registry<{ readonly id: string }>();
  for (const [schema, id] of named) registry.add(schema, { id });
  const options = { unrepresentable: 'any', uri: (id: string) => SCHEMAS + id } as const;
  const { schemas } = z.toJSONSchema(registry, options);
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)]));
}

function plain({ $schema, $id, ...schema }: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(schema));
}

describe('the JSON Schema of the HTTP interface', () => {
  it.each(Object.entries(zodSchemas()))('is what Zod writes for %s', (name, schema) => {
    expect(namedSchemas()[name]).toEqual(schema);
  });

  const inputs = [readHeadersSchema(), writeHeadersSchema(), explainQuerySchema()].flatMap(
    ({ shape }) => Object.entries(shape),
  );

  it.each(inputs)('is what Zod writes for %s in a request', (_name, schema) => {
    expect(inputSchema(schema)).toEqual(plain(z.toJSONSchema(schema, { io: 'input' })));
  });

  const kinds = {
    lengths: z.string().check(z.minLength(2), z.maxLength(5), z.regex(/^a/)),
    range: z.number().check(z.minimum(0.5), z.maximum(7)),
    integers: z.int().check(z.minimum(1)),
    literals: z.literal([1, 2]),
    single: z.enum(['one']),
    open: z.looseObject({ a: z.optional(z.boolean()) }),
    strict: z.strictObject({}),
    defaulted: z._default(z.array(z.string()), ['a']),
    described: z.record(z.string(), z.unknown()).check(z.describe('Any members.')),
  };

  it.each(Object.entries(kinds))('is what Zod writes for %s', (_name, schema) => {
    const written = plain({ ...jsonSchemaOf(schema, () => undefined) });
    expect(written).toEqual(plain(z.toJSONSchema(schema)));
  });

  it('is not made up for a kind that it does not know', () => {
    expect(() => jsonSchemaOf(z.bigint(), () => undefined)).toThrow('no JSON Schema for bigint');
  });
});
