import { describe, expect, test } from 'vitest';
import {
  anyJson,
  type Change,
  type Field,
  integer,
  type Json,
  type JsonObject,
  text,
  textList,
} from '../../../src/adapter-kit/index.ts';
import { allShown, equalApartFrom, judge } from '../../../src/writes/compare.ts';

const field = (more: Partial<Field>): Field => ({
  pointer: '/name',
  wireName: 'name',
  access: 'read-write',
  codec: text,
  clear: { by: 'value', value: '' },
  compare: 'exact',
  ...more,
});
const change = (declared: Field, value: Json, key?: string): Change => ({
  pointer: key === undefined ? declared.pointer : `${declared.pointer}/${key}`,
  field: declared,
  value,
  wire: value,
  ...(key === undefined ? {} : { key }),
});

const exact = field({});
const normalised = field({ compare: 'normalised' });
const present = field({ compare: 'present' });
const never = field({ compare: 'never' });
const number = field({ pointer: '/n', codec: integer });
const map = field({ pointer: '/attributes', codec: anyJson, map: 'whole', clearsWhole: true });
const omitted = { ...map, mayBeOmitted: true };
const list = field({
  pointer: '/extensions/v/ids',
  codec: textList,
  compare: 'count',
  shownAs: '/extensions/v/shown',
});
const byValue = field({ compareValue: (value) => (value === 'ref' ? 'present' : 'exact') });
const shownList = (...items: string[]): JsonObject => ({ extensions: { v: { shown: items } } });

describe('judge', () => {
  test.each<[string, Change, JsonObject, string]>([
    ['the value itself', change(exact, 'a'), { name: 'a' }, 'shown'],
    ['another value', change(exact, 'a'), { name: 'b' }, 'differs'],
    ['a value of another type', change(number, 1), { n: '1' }, 'differs'],
    ['no value', change(exact, 'a'), {}, 'untold'],
    ['no value where null was written', change(exact, null), {}, 'shown'],
    ['a value where null was written', change(exact, null), { name: 'a' }, 'differs'],
    ['other blanks, exact', change(exact, 'a b'), { name: ' a  b ' }, 'differs'],
    ['other blanks, normalised', change(normalised, 'a b'), { name: ' a  b ' }, 'shown'],
    ['another form of a letter', change(normalised, '\u00e9'), { name: 'e\u0301' }, 'shown'],
    ['a computed value', change(normalised, 'a'), { name: 'b' }, 'untold'],
    ['another form', change(present, 'id'), { name: 'The name' }, 'untold'],
    ['a value, never shown', change(never, 'a'), { name: 'a' }, 'untold'],
    ['another value, never shown', change(never, 'a'), { name: 'b' }, 'untold'],
    ['by value: a reference', change(byValue, 'ref'), { name: 'x' }, 'untold'],
    ['by value: a text', change(byValue, 'text'), { name: 'x' }, 'differs'],
    ['a key', change(map, 1, 'k'), { attributes: { k: 1, other: 2 } }, 'shown'],
    ['another value of a key', change(map, 1, 'k'), { attributes: { k: 2 } }, 'differs'],
    ['a map without the key', change(map, 1, 'k'), { attributes: {} }, 'differs'],
    ['a map that may leave it out', change(omitted, 1, 'k'), { attributes: {} }, 'untold'],
    ['no map', change(map, 1, 'k'), {}, 'untold'],
    ['a key that is gone', change(map, null, 'k'), { attributes: {} }, 'shown'],
    ['a key that should be gone', change(map, null, 'k'), { attributes: { k: 1 } }, 'differs'],
    ['no map where a key should be gone', change(map, null, 'k'), {}, 'untold'],
    ['an empty map', change(map, null), { attributes: {} }, 'shown'],
    ['a map that should be empty', change(map, null), { attributes: { k: 1 } }, 'differs'],
    ['a key of the prototype', change(map, 1, 'toString'), { attributes: {} }, 'differs'],
    ['as many items', change(list, ['a', 'b']), shownList('x', 'y'), 'untold'],
    ['fewer items', change(list, ['a', 'b']), shownList('x'), 'differs'],
    ['no items', change(list, []), shownList(), 'shown'],
    ['items where null was written', change(list, null), shownList('x'), 'differs'],
    ['no list', change(list, ['a']), {}, 'untold'],
  ])('%s', (_, written, content, verdict) => {
    expect(judge(written, content)).toBe(verdict);
  });

  test('an object merges into what was there', () => {
    const written = change(map, { b: 2, c: null }, 'k');
    const before = { attributes: { k: { a: 1, c: 3 } } };
    expect(judge(written, { attributes: { k: { a: 1, b: 2 } } }, before)).toBe('shown');
    expect(judge(written, { attributes: { k: { b: 2 } } }, before)).toBe('differs');
    expect(judge(written, { attributes: { k: { b: 2 } } })).toBe('shown');
  });
});

test('allShown needs every change to be shown', () => {
  const [one, other] = [change(exact, 'a'), change(number, 1)];
  expect(allShown([one, other], { name: 'a', n: 1 })).toBe(true);
  expect(allShown([one, other], { name: 'a', n: 2 })).toBe(false);
  expect(allShown([change(present, 'id')], { name: 'The name' })).toBe(false);
  expect(allShown([], {})).toBe(true);
});

test.each<[string, string[], boolean]>([
  ['nothing', [], false],
  ['a member', ['/name'], false],
  ['a member and a key', ['/name', '/attributes/k'], true],
  ['a member and the map', ['/name', '/attributes'], true],
  ['another key', ['/name', '/attributes/other'], false],
  ['a member that is not there', ['/name', '/attributes/k', '/none/of/it'], true],
])('equalApartFrom %s', (_, pointers, equal) => {
  const a = { name: 'a', attributes: { k: 1, other: 3 } };
  const b = { attributes: { other: 3, k: 2 }, name: 'b' };
  expect(equalApartFrom(pointers, a, b)).toBe(equal);
});
