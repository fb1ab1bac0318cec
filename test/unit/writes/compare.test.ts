import { describe, expect, test } from 'vitest';
import {
  anyJson,
  type Change,
  integer,
  type JsonObject,
  textList,
} from '../../../src/adapter-kit/index.ts';
import { confirm, equalExcept, isAlreadyApplied } from '../../../src/writes/compare.ts';
import { changeOf, fieldOf } from '../../support/fields.ts';

const exact = fieldOf({});
const normalized = fieldOf({ confirmation: 'normalized' });
const present = fieldOf({ confirmation: 'present' });
const never = fieldOf({ confirmation: 'never' });
const number = fieldOf({ pointer: '/n', codec: integer });
const map = fieldOf({ pointer: '/attributes', codec: anyJson, map: 'whole', nullClearsMap: true });
const omitted = { ...map, optionalInResponse: true };
const list = fieldOf({
  pointer: '/extensions/v/ids',
  codec: textList,
  confirmation: 'count',
  readBackPointer: '/extensions/v/shown',
});
const byValue = fieldOf({
  confirmationByValue: (value) => (value === 'ref' ? 'present' : 'exact'),
});
const shownList = (...items: string[]): JsonObject => ({ extensions: { v: { shown: items } } });

describe('judge', () => {
  test.each<[string, Change, JsonObject, string]>([
    ['the value itself', changeOf(exact, 'a'), { name: 'a' }, 'confirmed'],
    ['another value', changeOf(exact, 'a'), { name: 'b' }, 'contradicted'],
    ['a value of another type', changeOf(number, 1), { n: '1' }, 'contradicted'],
    ['no value', changeOf(exact, 'a'), {}, 'unconfirmed'],
    ['no value where null was written', changeOf(exact, null), {}, 'confirmed'],
    ['a value where null was written', changeOf(exact, null), { name: 'a' }, 'contradicted'],
    ['other blanks, exact', changeOf(exact, 'a b'), { name: ' a  b ' }, 'contradicted'],
    ['other blanks, normalized', changeOf(normalized, 'a b'), { name: ' a  b ' }, 'confirmed'],
    ['another form of a letter', changeOf(normalized, '\u00e9'), { name: 'e\u0301' }, 'confirmed'],
    ['a computed value', changeOf(normalized, 'a'), { name: 'b' }, 'unconfirmed'],
    ['another form', changeOf(present, 'id'), { name: 'The name' }, 'unconfirmed'],
    ['a value, never shown', changeOf(never, 'a'), { name: 'a' }, 'unconfirmed'],
    ['another value, never shown', changeOf(never, 'a'), { name: 'b' }, 'unconfirmed'],
    ['by value: a reference', changeOf(byValue, 'ref'), { name: 'x' }, 'unconfirmed'],
    ['by value: a text', changeOf(byValue, 'text'), { name: 'x' }, 'contradicted'],
    ['a key', changeOf(map, 1, 'k'), { attributes: { k: 1, other: 2 } }, 'confirmed'],
    ['another value of a key', changeOf(map, 1, 'k'), { attributes: { k: 2 } }, 'contradicted'],
    ['a map without the key', changeOf(map, 1, 'k'), { attributes: {} }, 'contradicted'],
    ['a map that may leave it out', changeOf(omitted, 1, 'k'), { attributes: {} }, 'unconfirmed'],
    ['no map', changeOf(map, 1, 'k'), {}, 'unconfirmed'],
    ['a key that is gone', changeOf(map, null, 'k'), { attributes: {} }, 'confirmed'],
    [
      'a key that should be gone',
      changeOf(map, null, 'k'),
      { attributes: { k: 1 } },
      'contradicted',
    ],
    ['no map where a key should be gone', changeOf(map, null, 'k'), {}, 'unconfirmed'],
    ['an empty map', changeOf(map, null), { attributes: {} }, 'confirmed'],
    ['a map that should be empty', changeOf(map, null), { attributes: { k: 1 } }, 'contradicted'],
    ['a key of the prototype', changeOf(map, 1, 'toString'), { attributes: {} }, 'contradicted'],
    ['as many items', changeOf(list, ['a', 'b']), shownList('x', 'y'), 'unconfirmed'],
    ['fewer items', changeOf(list, ['a', 'b']), shownList('x'), 'contradicted'],
    ['no items', changeOf(list, []), shownList(), 'confirmed'],
    ['items where null was written', changeOf(list, null), shownList('x'), 'contradicted'],
    ['no list', changeOf(list, ['a']), {}, 'unconfirmed'],
  ])('%s', (_, written, content, verdict) => {
    expect(confirm(written, content)).toBe(verdict);
  });

  test('an object merges into what was there', () => {
    const written = changeOf(map, { b: 2, c: null }, 'k');
    const before = { attributes: { k: { a: 1, c: 3 } } };
    expect(confirm(written, { attributes: { k: { a: 1, b: 2 } } }, before)).toBe('confirmed');
    expect(confirm(written, { attributes: { k: { b: 2 } } }, before)).toBe('contradicted');
    expect(confirm(written, { attributes: { k: { b: 2 } } })).toBe('confirmed');
  });
});

test('allShown needs every change to be shown', () => {
  const [one, other] = [changeOf(exact, 'a'), changeOf(number, 1)];
  expect(isAlreadyApplied([one, other], { name: 'a', n: 1 })).toBe(true);
  expect(isAlreadyApplied([one, other], { name: 'a', n: 2 })).toBe(false);
  expect(isAlreadyApplied([changeOf(present, 'id')], { name: 'The name' })).toBe(false);
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

describe('a value in another form', () => {
  const plainList = fieldOf({ pointer: '/ids', codec: textList, confirmation: 'count' });
  test.each<[string, Change, JsonObject, JsonObject | undefined, string]>([
    ['present', changeOf(present, 'id'), { name: 'The name' }, undefined, 'unconfirmed'],
    [
      'a count of a list of its own',
      changeOf(plainList, ['a']),
      { ids: [] },
      undefined,
      'contradicted',
    ],
    [
      'present, with other blanks',
      changeOf(present, 'a b'),
      { name: 'a  b' },
      undefined,
      'unconfirmed',
    ],
    [
      'an object',
      changeOf(map, { a: 1 }, 'k'),
      { attributes: { k: { a: 1 } } },
      undefined,
      'confirmed',
    ],
    ['an emptied list', changeOf(plainList, null), { ids: [] }, undefined, 'confirmed'],
    [
      'a list in place of an emptied one',
      changeOf(plainList, null),
      { ids: ['a'] },
      undefined,
      'contradicted',
    ],
    [
      'a null key as an object',
      changeOf(map, null, 'k'),
      { attributes: { k: {} } },
      undefined,
      'contradicted',
    ],
    ['null as an object', changeOf(exact, null), { name: {} }, undefined, 'contradicted'],
    ['a null map as a list', changeOf(map, null), { attributes: [] }, undefined, 'contradicted'],
    ['other blanks', changeOf(normalized, 'a b'), { name: 'a  b' }, undefined, 'confirmed'],
    [
      'other blanks than before',
      changeOf(normalized, 'a b'),
      { name: 'a  b' },
      { name: 'x' },
      'confirmed',
    ],
    [
      'the blanks of before',
      changeOf(normalized, 'a b'),
      { name: 'a  b' },
      { name: 'a  b' },
      'unconfirmed',
    ],
    ['a number for a text', changeOf(normalized, 'a'), { name: 5 }, undefined, 'unconfirmed'],
    ['a text for a number', changeOf(normalized, 5), { name: 'a' }, undefined, 'unconfirmed'],
    ['two numbers', changeOf(normalized, 5), { name: 6 }, undefined, 'unconfirmed'],
  ])('%s', (_, change, content, before, confirmation) => {
    expect(confirm(change, content, before)).toBe(confirmation);
  });
});

test('what is named both whole and by a key is left out whole', () => {
  const [a, b] = [{ map: { k: 1, other: 1 } }, { map: { k: 2, other: 2 } }];
  expect(equalExcept(['/map', '/map/k'], a, b)).toBe(true);
  expect(equalExcept(['/map/k'], a, b)).toBe(false);
  expect(equalExcept(['/name/k'], { name: 'a' }, { name: 'b' })).toBe(true);
});
