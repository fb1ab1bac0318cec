import { expect, test } from 'vitest';
import {
  FIELD_ERRORS_MAX,
  PATCH_DEPTH_MAX,
  PATCH_MEMBERS_MAX,
  PATCH_NUMBER_CHARACTERS_MAX,
} from '../../../src/limits.ts';
import { parsePatchText } from '../../../src/writes/parse-patch.ts';

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const items = (count: number): string => JSON.stringify(Array.from({ length: count }, () => 0));
const members = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0])));

test.each([
  ['an object', '{"a":1,"b":[{"a":2},{"a":3}]}'],
  ['numbers in other spellings', '[1.0,1e2,0.10,-0,100e-2,1E+2]'],
  ['braces, colons and quotes in text', '{"a":"{\\"b\\":1,\\"b\\":2}","b":":{[\\\\"}'],
  ['equal keys of different objects', '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}'],
  ['a key that objects have by nature', '{"__proto__":{"x":1},"constructor":2}'],
  ['the deepest nesting', nested(PATCH_DEPTH_MAX)],
  ['the most items', items(PATCH_MEMBERS_MAX)],
  ['the most members', `{"a":${members(PATCH_MEMBERS_MAX - 1)}}`],
  ['the longest number', `[1.${'0'.repeat(PATCH_NUMBER_CHARACTERS_MAX - 2)}]`],
])('takes %s', (_, text) => {
  const parsed = parsePatchText(text);
  expect(parsed.ok && JSON.stringify(parsed.value)).toBe(text);
});

test.each([
  ['', 'nothing'],
  ['{', 'half an object'],
  ['{"a":1}x', 'something behind it'],
  ["{'a':1}", 'other quotes'],
  ['{"a":01}', 'a leading zero'],
  ['\ufeff{}', 'a byte order mark'],
  ['NaN', 'no number of JSON'],
])('refuses %j: %s', (text) => {
  expect(parsePatchText(text)).toMatchObject({ ok: false, malformed: expect.any(String) });
});

test.each([
  ['{"a":1,"a":2}', [['/a', 'duplicate_key']]],
  ['{"a":1,"\\u0061":1}', [['/a', 'duplicate_key']]],
  ['{"x":{"a/b":[0,{"k":1,"k":1}]}}', [['/x/a~1b/1/k', 'duplicate_key']]],
  [
    '{"a":1,"a":2,"a":3,"b":{"c":0,"c":0}}',
    [
      ['/a', 'duplicate_key'],
      ['/a', 'duplicate_key'],
      ['/b/c', 'duplicate_key'],
    ],
  ],
  ['{"__proto__":1,"__proto__":2}', [['/__proto__', 'duplicate_key']]],
  ['{"a":9007199254740993}', [['/a', 'number_not_exact']]],
  ['[1,0.1000000000000000055511151231257827]', [['/1', 'number_not_exact']]],
  ['{"a":{"b":1e400}}', [['/a/b', 'number_not_exact']]],
  ['{"a":1e-400}', [['/a', 'number_not_exact']]],
  [`[1.${'0'.repeat(PATCH_NUMBER_CHARACTERS_MAX - 1)}]`, [['/0', 'number_not_exact']]],
  [nested(PATCH_DEPTH_MAX + 1), [['', 'too_deep']]],
  [items(PATCH_MEMBERS_MAX + 1), [['', 'constraint_violated']]],
  [`{"n":"x","a/b":${members(PATCH_MEMBERS_MAX - 1)}}`, [['/a~1b', 'constraint_violated']]],
  [`{"n":${items(10)},"b":${items(PATCH_MEMBERS_MAX)}}`, [['/b', 'constraint_violated']]],
  [nested(100_000), [['', 'too_deep']]],
])('tells what would be lost of %.60s', (text, expected) => {
  const parsed = parsePatchText(text);
  const errors = !parsed.ok && 'errors' in parsed ? parsed.errors : [];
  expect(errors.map(({ code, pointer }) => [pointer, code])).toEqual(expected);
});

test('tells a bounded number of errors', () => {
  const many = Array.from({ length: FIELD_ERRORS_MAX + 50 }, () => '"a":1').join(',');
  const parsed = parsePatchText(`{${many}}`);
  expect(!parsed.ok && 'errors' in parsed && parsed.errors.length).toBe(FIELD_ERRORS_MAX);
});
