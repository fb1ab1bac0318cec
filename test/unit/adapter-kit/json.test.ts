import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countOf,
  isDeeperThan,
  JSON_DEPTH_MAX,
  JSON_NUMBER_CHARACTERS_MAX,
  type Json,
  jsonEqual,
  parseExact,
  setOwn,
  shapeOf,
} from '../../../src/adapter-kit/index.ts';

/** Number texts, those that change among them. */
const number = fc.constantFrom(
  ...['0', '-0', '7', '-12', '123456789012345', '1234567890123456', '-9007199254740993'],
  ...['1.0', '-0.0', '1e2', '1E400', '0.1', '2.50', '1e-7', '-3.25e+10'],
);
/** Texts that look like numbers of JSON from within strings. */
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('":1.0', '\\":1.0', ',1e5', '[1.5', 'T14:24:45.128', '": -0', '1234567890123456'),
);
const blank = fc.constantFrom('', '', '', ' ', '\n\t', '  \r\n  ');
const { value: written } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    number,
    text.map((some) => JSON.stringify(some)),
    fc.constantFrom('null', 'true', '[]', '{}'),
    fc
      .tuple(blank, fc.array(fc.tuple(tie('value'), blank)))
      .map(
        ([before, items]) => `[${before}${items.map((item) => item.join('')).join(`,${before}`)}]`,
      ),
    fc
      .tuple(blank, blank, fc.uniqueArray(text), fc.array(tie('value'), { minLength: 1 }))
      .map(([before, after, keys, values]) => {
        const member = (key: string, i: number): string =>
          `${JSON.stringify(key)}${before}:${after}${values[i % values.length]}`;
        return `{${before}${keys.map(member).join(`${before},${after}`)}${after}}`;
      }),
  ),
}));
const document = fc.tuple(blank, written, blank).map((parts) => parts.join(''));

/** The plain way: every number is looked at. */
function parsedSlowly(json: string): Json {
  return JSON.parse(json, (_, value, { source }) =>
    typeof value === 'number' && (Number.isFinite(value) ? String(value) : 'null') !== source
      ? JSON.rawJSON(source)
      : value,
  );
}

describe('exact JSON', () => {
  test('has every number as it is written', () => {
    fc.assert(
      fc.property(document, (json) => {
        const parsed = parseExact(json);
        expect(parsed).toBeDefined();
        expect(JSON.stringify(parsed)).toBe(JSON.stringify(parsedSlowly(json)));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['[', ']', 1],
    ['{"a":', '}', 1],
    ['{"{":[', ']}', 2],
  ])('is read where %s nests it so deep, and no deeper', (open, close, levels) => {
    const nested = (depth: number): string => {
      const times = Math.floor(depth / levels);
      const inner = depth % levels === 0 ? '0' : '[0]';
      return `${open.repeat(times)}${inner}${close.repeat(times)}`;
    };
    expect(parseExact(nested(JSON_DEPTH_MAX))).toBeDefined();
    expect(parseExact(nested(JSON_DEPTH_MAX + 1))).toBeUndefined();
    expect(parseExact(nested(100_000))).toBeUndefined();
  });

  test('is read with numbers of so many characters, and no more', () => {
    const longest = '9'.repeat(JSON_NUMBER_CHARACTERS_MAX);
    expect(JSON.stringify(parseExact(`[${longest}]`))).toBe(`[${longest}]`);
    expect(parseExact(`[${longest}9]`)).toBeUndefined();
    expect(parseExact(`{"a":"1.5","b":1.5,"c":${longest}9}`)).toBeUndefined();
  });

  test('may be wide, and may hold what only looks deep', () => {
    const wide = JSON.stringify(Array.from({ length: 2 * JSON_DEPTH_MAX }, () => ({ a: [] })));
    expect(JSON.stringify(parseExact(wide))).toBe(wide);
    const looks = JSON.stringify({ a: '[{'.repeat(JSON_DEPTH_MAX), b: '\\"[' });
    expect(JSON.stringify(parseExact(looks))).toBe(looks);
  });

  test.each(['', '{', '{"a":1}x', '01', '-', '1.', '\ufeff{}'])('is not %j', (json) => {
    expect(parseExact(json)).toBeUndefined();
  });
});

test('nesting is told the same by counting and by reading', () => {
  const pieces = fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a', ':', ',');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), fc.nat(8), (some, levels) => {
      const json = some.join('');
      expect(isDeeperThan(levels, json)).toBe(shapeOf(json).depth > levels);
      expect(countOf('[', json)).toBe(json.split('[').length - 1);
    }),
    { numRuns: 1000 },
  );
});

test('a key of the prototype is set like any other', () => {
  const draft = {};
  for (const key of ['a', '__proto__', 'constructor', '1']) setOwn(draft, key, { key });
  expect(JSON.stringify(draft)).toBe(
    '{"1":{"key":"1"},"a":{"key":"a"},"__proto__":{"key":"__proto__"},"constructor":{"key":"constructor"}}',
  );
  setOwn(draft, '__proto__', null);
  expect(Object.getOwnPropertyDescriptor(draft, '__proto__')?.value).toBeNull();
  expect(Object.getPrototypeOf(draft)).toBe(Object.prototype);
});

test.each<[Json, Json, boolean]>([
  [1, 1, true],
  [1, 2, false],
  [0, -0, true],
  [1, JSON.rawJSON('1.0'), true],
  [JSON.rawJSON('1e2'), 100, true],
  [JSON.rawJSON('9007199254740993'), JSON.rawJSON('9007199254740992'), false],
  [1, '1', false],
  [[1, { a: 2 }], [1, { a: JSON.rawJSON('2.0') }], true],
])('numbers are compared by what they name: %j and %j', (a, b, equal) => {
  expect(jsonEqual(a, b)).toBe(equal);
  expect(jsonEqual(b, a)).toBe(equal);
});
