import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anyJson,
  type Change,
  decodeContent,
  type Field,
  fieldValue,
  type JsonObject,
  type Limit,
  limitBroken,
  timestamp,
  valueAt,
  wireMembers,
} from '../../../src/adapter-kit/index.ts';
import { fieldOf } from '../../support/fields.ts';

const map = fieldOf({ pointer: '/attributes', wireName: 'map', codec: anyJson, map: 'per-key' });

describe('a time', () => {
  /** By way of a `Date` alone. */
  const slowly = (written: string): string | undefined => {
    const zoned = /[zZ]$|[+-]\d\d:?\d\d$/.test(written) ? written : `${written}Z`;
    const time = new Date(zoned);
    return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
  };
  const digits = (most: number, length = 2): fc.Arbitrary<string> =>
    fc.nat(most).map((n) => String(n).padStart(length, '0'));
  const offset = fc
    .tuple(fc.constantFrom('+', '-'), digits(25), fc.constantFrom(':', ''), digits(60))
    .map((parts) => parts.join(''));
  const written = fc
    .tuple(
      digits(9999, 4),
      digits(13),
      digits(32),
      fc.constantFrom('T', 't', ' '),
      digits(24),
      digits(60),
      digits(60),
      fc.oneof(
        fc.constant(''),
        digits(999, 3).map((some) => `.${some}`),
        fc.constant('.123456'),
      ),
      fc.oneof(fc.constantFrom('Z', 'z', ''), offset),
    )
    .map(([year, month, day, t, ...[hours, minutes, seconds, fraction, zone]]) =>
      [`${year}-${month}-${day}`, t, `${hours}:${minutes}:${seconds}`, fraction, zone].join(''),
    );

  test('is the same in UTC as a Date has it', () => {
    fc.assert(
      fc.property(written, (some) => {
        expect(timestamp.decode(some)).toBe(slowly(some));
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['2024-12-13T14:24:45.128+09:00', '2024-12-13T05:24:45.128Z'],
    ['2026-02-03T04:05:06.789+09:00', '2026-02-02T19:05:06.789Z'],
    ['2026-02-01T04:05:06+09:00', '2026-01-31T19:05:06.000Z'],
    ['2026-02-28T23:05:06-05:00', '2026-03-01T04:05:06.000Z'],
    ['2026-02-04T09:00:00.125-05:00', '2026-02-04T14:00:00.125Z'],
    ['2016-01-03T16:22:23', '2016-01-03T16:22:23.000Z'],
    ['2016-01-03T24:00:00Z', '2016-01-04T00:00:00.000Z'],
    ['2016-13-03T16:22:23Z', undefined],
    ['', undefined],
  ])('is told in UTC: %s', (some, told) => {
    expect(timestamp.decode(some)).toBe(told);
  });
});

describe('content', () => {
  test('has keys of the prototype as its own, and none from the prototype', () => {
    const wire: JsonObject = JSON.parse('{"map":{"__proto__":{"a":1},"b":"","c":null}}');
    const content = decodeContent([fieldOf({ wireName: 'toString' }), map], wire);
    expect(JSON.stringify(content)).toBe('{"attributes":{"__proto__":{"a":1},"c":null}}');
    expect(fieldValue(map, '__proto__', content)).toEqual({ a: 1 });
    expect(fieldValue(map, 'toString', content)).toBeUndefined();
    expect(valueAt(content, '/attributes/__proto__/a')).toBe(1);
  });

  test('follows a declaration that is changed', () => {
    const fields = [fieldOf({})];
    expect(decodeContent(fields, { name: 'a', other: 'b' })).toEqual({ name: 'a' });
    fields.splice(0, 1, fieldOf({ wireName: 'other', pointer: '/extensions/v/x~1y' }));
    expect(decodeContent(fields, { name: 'a', other: 'b' })).toEqual({
      extensions: { v: { 'x/y': 'b' } },
    });
  });

  test('goes out with maps by key and last, over what was kept', () => {
    const change = (declared: Field, value: string, key?: string): Change => {
      const { pointer } = declared;
      return {
        pointer,
        field: declared,
        value,
        wire: value,
        ...(key === undefined ? {} : { key }),
      };
    };
    const changes = [
      change(map, '1', 'a'),
      change(fieldOf({}), 'x'),
      change(map, '2', '__proto__'),
    ];
    const members = wireMembers(changes, { kept: null, name: 'old' });
    expect(JSON.stringify(members)).toBe(
      '{"kept":null,"name":"x","map":{"a":"1","__proto__":"2"}}',
    );
    expect(wireMembers([])).toEqual({});
  });
});

test('a length is what the characters of the text count', () => {
  const unit = fc.constantFrom('bytes' as const, 'code points' as const);
  const some = fc.string({ unit: fc.constantFrom('a', 'é', '한', '😀', '\ud800'), maxLength: 12 });
  fc.assert(
    fc.property(unit, some, fc.nat(30), fc.nat(30), (counted, value, minimum, maximum) => {
      const limit: Limit = { kind: 'length', unit: counted, minimum, maximum };
      const length = counted === 'bytes' ? Buffer.byteLength(value) : [...value].length;
      const says =
        length < minimum
          ? `must have at least ${minimum} ${counted}`
          : length > maximum
            ? `must have at most ${maximum} ${counted}`
            : undefined;
      expect(limitBroken([limit], value)).toBe(says);
    }),
    { numRuns: 2000 },
  );
});
