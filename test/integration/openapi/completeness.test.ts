import { expect, it } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { isObject, type Json, type JsonObject, ownObject } from '../../../src/adapter-kit/index.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';

const document = openApiDocument(adapters);
const METHODS = ['get', 'patch', 'post', 'put', 'delete', 'options'];

/** Every operation of a document by its id. */
function* operations(of: JsonObject): Generator<readonly [string, JsonObject]> {
  for (const item of Object.values(ownObject(of, 'paths') ?? {})) {
    for (const method of METHODS) {
      const operation = isObject(item) ? ownObject(item, method) : undefined;
      if (operation !== undefined) yield [String(operation.operationId), operation];
    }
  }
}

/** The bodies of a request or response that have no example, by media type. */
function withoutExample(place: string, holder: Json | undefined): string[] {
  const content = isObject(holder ?? null) ? ownObject(holder as JsonObject, 'content') : undefined;
  return Object.entries(content ?? {})
    .filter(([, body]) => Object.keys(ownObject(body, 'examples') ?? {}).length === 0)
    .map(([type]) => `${place} ${type}`);
}

/** Lists what operations lack: security, or the example of a body. */
function lacking(of: JsonObject): string[] {
  return [...operations(of)].flatMap(([id, operation]) => [
    ...(Array.isArray(operation.security) ? [] : [`${id}: security`]),
    ...withoutExample(`${id}: request`, operation.requestBody),
    ...Object.entries(ownObject(operation, 'responses') ?? {}).flatMap(([status, response]) =>
      withoutExample(`${id}: ${status}`, response),
    ),
  ]);
}

it('every operation has its security and an example of each body', () => {
  expect([...operations(document)].length).toBeGreaterThan(40);
  expect(lacking(document)).toEqual([]);
});

it('what an operation lacks is found', () => {
  const content = { 'application/json': { schema: {} } };
  const bare = { operationId: 'bare', requestBody: { content }, responses: { 200: { content } } };
  expect(lacking({ paths: { '/bare': { post: bare } } })).toEqual([
    'bare: security',
    'bare: request application/json',
    'bare: 200 application/json',
  ]);
});

it('an operation is open to everybody, or needs one scope of a key or of a token', () => {
  const known = Object.keys(
    ownObject(ownObject(document, 'components') ?? {}, 'securitySchemes') ?? {},
  );
  const open: string[] = [];
  for (const [id, { security }] of operations(document)) {
    if (JSON.stringify(security) === '[]') open.push(id);
    else {
      const [[scope] = []] = (security as Record<string, string[]>[]).flatMap(Object.values);
      expect([id, security]).toEqual([id, [...known.map((name) => ({ [name]: [scope] })), {}]]);
      expect(scope).toMatch(/^(?:profiles|admin)/);
    }
  }
  expect(open.filter((id) => !id.endsWith('Options'))).toEqual([
    'health',
    'readiness',
    'readProblemType',
    'apiDocument',
  ]);
});
