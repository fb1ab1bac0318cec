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
import { confirm, equalExcept, isAlreadyApplied } from '../../../src/writes/compare.ts';

const field = (more: Partial<Field>): Field => ({
  pointer: '/name',
  wireName: 'name',
  access: 'read_write',
  codec: text,
  onNull: { send: '' },
  confirmation: 'exact',
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
const normalized = field({ confirmation: 'normalized' });
const present = field({ confirmation: 'present' });
const never = field({ confirmation: 'never' });
const number = field({ pointer: '/n', codec: integer });
const map = field({ pointer: '/attributes', codec: anyJson, map: 'whole', nullClearsMap: true });
const omitted = { ...map, optionalInResponse: true };
const list = field({
  pointer: '/extensions/v/ids',
  codec: textList,
  confirmation: 'count',
  readBackPointer: '/extensions/v/shown',
});
const byValue = field({ confirmationByValue: (value) => (value === 'ref' ? 'present' : 'exact') });
const shownList = (...items: string[]): JsonObject => ({ extensions: { v: { shown: items } } });

describe('judge', () => {
  test.each<[string, Change, JsonObject, string]>([
    ['the value itself', change(exact, 'a'), { name: 'a' }, 'confirmed'],
    ['another value', change(exact, 'a'), { name: 'b' }, 'contradicted'],
    ['a value of another type', change(number, 1), { n: '1' }, 'contradicted'],
    ['no value', change(exact, 'a'), {}, 'unconfirmed'],
    ['no value where null was written', change(exact, null), {}, 'confirmed'],
    ['a value where null was written', change(exact, null), { name: 'a' }, 'contradicted'],
    ['other blanks, exact', change(exact, 'a b'), { name: ' a  b ' }, 'contradicted'],
    ['other blanks, normalized', change(normalized, 'a b'), { name: ' a  b ' }, 'confirmed'],
    ['another form of a letter', change(normalized, '\u00e9'), { name: 'e\u0301' }, 'confirmed'],
    ['a computed value', change(normalized, 'a'), { name: 'b' }, 'unconfirmed'],
    ['another form', change(present, 'id'), { name: 'The name' }, 'unconfirmed'],
    ['a value, never shown', change(never, 'a'), { name: 'a' }, 'unconfirmed'],
    ['another value, never shown', change(never, 'a'), { name: 'b' }, 'unconfirmed'],
    ['by value: a reference', change(byValue, 'ref'), { name: 'x' }, 'unconfirmed'],
    ['by value: a text', change(byValue, 'text'), { name: 'x' }, 'contradicted'],
    ['a key', change(map, 1, 'k'), { attributes: { k: 1, other: 2 } }, 'confirmed'],
    ['another value of a key', change(map, 1, 'k'), { attributes: { k: 2 } }, 'contradicted'],
    ['a map without the key', change(map, 1, 'k'), { attributes: {} }, 'contradicted'],
    ['a map that may leave it out', change(omitted, 1, 'k'), { attributes: {} }, 'unconfirmed'],
    ['no map', change(map, 1, 'k'), {}, 'unconfirmed'],
    ['a key that is gone', change(map, null, 'k'), { attributes: {} }, 'confirmed'],
    ['a key that should be gone', change(map, null, 'k'), { attributes: { k: 1 } }, 'contradicted'],
    ['no map where a key should be gone', change(map, null, 'k'), {}, 'unconfirmed'],
    ['an empty map', change(map, null), { attributes: {} }, 'confirmed'],
    ['a map that should be empty', change(map, null), { attributes: { k: 1 } }, 'contradicted'],
    ['a key of the prototype', change(map, 1, 'toString'), { attributes: {} }, 'contradicted'],
    ['as many items', change(list, ['a', 'b']), shownList('x', 'y'), 'unconfirmed'],
    ['fewer items', change(list, ['a', 'b']), shownList('x'), 'contradicted'],
    ['no items', change(list, []), shownList(), 'confirmed'],
    ['items where null was written', change(list, null), shownList('x'), 'contradicted'],
    ['no list', change(list, ['a']), {}, 'unconfirmed'],
  ])('%s', (_, written, content, verdict) => {
    expect(confirm(written, content)).toBe(verdict);
  });

  test('an object merges into what was there', () => {
    const written = change(map, { b: 2, c: null }, 'k');
    const before = { attributes: { k: { a: 1, c: 3 } } };
    expect(confirm(written, { attributes: { k: { a: 1, b: 2 } } }, before)).toBe('confirmed');
    expect(confirm(written, { attributes: { k: { b: 2 } } }, before)).toBe('contradicted');
    expect(confirm(written, { attributes: { k: { b: 2 } } })).toBe('confirmed');
  });
});

test('allShown needs every change to be shown', () => {
  const [one, other] = [change(exact, 'a'), change(number, 1)];
  expect(isAlreadyApplied([one, other], { name: 'a', n: 1 })).toBe(true);
  expect(isAlreadyApplied([one, other], { name: 'a', n: 2 })).toBe(false);
  expect(isAlreadyApplied([change(present, 'id')], { name: 'The name' })).toBe(false);
  expect(isAlreadyApplied([], {})).toBe(true);
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
  expect(equalExcept(pointers, a, b)).toBe(equal);
});
