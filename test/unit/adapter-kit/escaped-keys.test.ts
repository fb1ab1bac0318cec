import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact, parsePlain } from '../../../src/adapter-kit/index.ts';

/** Keys that V8 confuses when it has read another of them before. */
const key = fc.string({
  unit: fc.constantFrom('\\', '"', '\n', '\b', 'b', '/', 'ü', '日', '𝒳', 'u005c'),
  maxLength: 3,
});
const special = fc.constantFrom('__proto__', 'constructor', '', 'name', '0');
const { value: tree } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(null, '', '\\', '":', 1),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(key, special), tie('value'), { maxKeys: 4 }),
  ),
}));

describe('escaped keys', () => {
  test.each([
    ['\\', '\n'],
    ['\\', '"'],
    ['a\\nb', 'a\nbc'],
  ])('after %j the key %j is read as it is written', (first, second) => {
    const texts = [first, second].map((name) => JSON.stringify({ first, [name]: null }));
    for (const parse of [parsePlain, parseExact]) {
      expect(texts.map((text) => JSON.stringify(parse(text)))).toEqual(texts);
    }
  });

  test('stand in a value as they are written, beside any others', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parsePlain(text))).toBe(text);
        const exact = text.replaceAll(/(?<=[:[,])1(?=[,\]}])/g, '1.0');
        expect(JSON.stringify(parseExact(exact))).toBe(exact);
      }),
      { numRuns: 20_000 },
    );
  });

  test('of a text that names one twice, the last value counts', () => {
    const twice = parseExact('{"\\u0061":1,"b":2,"a":3,"\\n":4}');
    expect(JSON.stringify(twice)).toBe('{"a":3,"b":2,"\\n":4}');
  });

  test('are read in time in proportion to the text', () => {
    const escapes = '\\"'.repeat(500_000);
    expect(parsePlain(`{"${escapes}":"${escapes}"}`)).toEqual({
      ['"'.repeat(500_000)]: '"'.repeat(500_000),
    });
    expect(parsePlain(`{"a":"${escapes}`)).toBeUndefined();
  });
});
