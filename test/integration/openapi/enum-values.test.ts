import { expect, it } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { isList, isObject, type Json, own } from '../../../src/adapter-kit/index.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';

/** Values of headers, whose form others decide. */
const HEADER_VALUES = [
  '1', // X-Gateway-Sandbox
  'application/merge-patch+json, application/json', // Accept-Patch
];

const SNAKE_CASE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** Every value of an `enum` or a `const`, whatever it describes; examples are no schemas. */
function* enumValues(node: Json): Generator<string> {
  if (isList(node)) {
    for (const item of node) yield* enumValues(item);
  } else if (isObject(node)) {
    const listed = own(node, 'enum');
    for (const value of [...(isList(listed) ? listed : []), own(node, 'const')])
      if (typeof value === 'string') yield value;
    for (const [name, member] of Object.entries(node)) {
      if (name !== 'examples') yield* enumValues(member);
    }
  }
}

it('every enumerated value of the API is in snake_case', () => {
  const values = new Set(enumValues(openApiDocument(adapters)));
  expect(values.size).toBeGreaterThan(80);
  const others = [...values].filter((value) => !SNAKE_CASE.test(value));
  expect(others.sort()).toEqual(HEADER_VALUES);
});

it('a value in another case is found, wherever it stands', () => {
  const schema = { oneOf: [{ properties: { a: { enum: ['a_b', 'a-b'] } } }, { const: 'aB' }] };
  const found = [...enumValues(schema)].filter((value) => !SNAKE_CASE.test(value));
  expect(found).toEqual(['a-b', 'aB']);
});
