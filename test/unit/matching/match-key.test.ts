import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import {
  BLANKS,
  CASES,
  type MatchKey,
  matchKeyText,
  normalizeText,
} from '../../../src/matching/match-key.ts';
import { runs } from '../../support/counts.ts';

const LOOSE = { case: 'ignore', blanks: 'collapse' } as const;
const EXACT = { case: 'exact', blanks: 'exact' } as const;

test.each([
  ['Dana Example', ' dana\t EXAMPLE ', LOOSE, true],
  // One letter, and a letter with a mark behind it.
  ['Zo\u00eb', 'Zoe\u0308', EXACT, true],
  ['\u00c5sa', 'A\u030aSA', LOOSE, true],
  ['Kim', '\u00a0Kim\u3000', LOOSE, true],
  ['030 12', '03012', { case: 'ignore', blanks: 'remove' }, true],
  ['030 12', '03012', LOOSE, false],
  ['Kim', 'kim', { case: 'exact', blanks: 'collapse' }, false],
  ['Kim', 'Kim ', { case: 'ignore', blanks: 'exact' }, false],
  // What only looks alike may be somebody else.
  ['x²', 'x2', LOOSE, false],
  ['ﬁ', 'fi', LOOSE, false],
  ['Ｋｉｍ', 'Kim', LOOSE, false],
  ['Straße', 'STRASSE', LOOSE, false],
  ['Kim', 'Kìm', LOOSE, false],
] as const)('%j and %j are the same: %j %j', (one, other, how, isSame) => {
  expect(normalizeText(one, how) === normalizeText(other, how)).toBe(isSame);
});

test('a normalized text is normalized', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(...CASES),
      fc.constantFrom(...BLANKS),
      (text, letters, blanks) => {
        const how = { case: letters, blanks };
        const once = normalizeText(text, how);
        expect(normalizeText(once, how)).toBe(once);
        expect(normalizeText(text.normalize('NFD'), how)).toBe(once);
      },
    ),
    runs(500, 20_000),
  );
});

const key = (pointer: string, more: Partial<MatchKey> = {}): MatchKey => ({
  pointer,
  ...LOOSE,
  ...more,
});

const PROFILE: JsonObject = {
  upstreamId: 'u-1',
  name: 'Dana',
  status: 'active',
  attributes: { mail: 'D@x.example', empty: ' ', no: 17, flag: true, list: ['a'], 'a/b': 'c' },
  extensions: { one: { uid: 'z' } },
};

test.each([
  [['/name'], '["dana"]'],
  [['/name', '/attributes/mail'], '["dana","d@x.example"]'],
  [['/attributes/no', '/attributes/flag'], '["17","true"]'],
  [['/attributes/a~1b', '/extensions/one/uid', '/upstreamId'], '["c","z","u-1"]'],
  // Without any part of it there is no key.
  [['/name', '/description'], undefined],
  [['/attributes/empty'], undefined],
  [['/attributes/list'], undefined],
  [['/attributes'], undefined],
  [['/attributes/__proto__'], undefined],
] as const)('the key of %j is %j', (pointers, text) => {
  const keys = pointers.map((pointer) => key(pointer));
  expect(matchKeyText(keys, 0, PROFILE)).toBe(text);
});

test('the second target may have a pointer of its own', () => {
  const keys = [key('/attributes/mail', { secondPointer: '/name' })];
  expect(matchKeyText(keys, 0, PROFILE)).toBe('["d@x.example"]');
  expect(matchKeyText(keys, 1, PROFILE)).toBe('["dana"]');
});

test('parts of a key are not confused', () => {
  const keys = [key('/a', { blanks: 'exact' }), key('/b', { blanks: 'exact' })];
  const texts = [
    { a: 'x', b: 'yz' },
    { a: 'xy', b: 'z' },
    { a: 'x","y', b: 'z' },
  ].map((profile) => matchKeyText(keys, 0, profile));
  expect(new Set(texts).size).toBe(3);
});
