import { expect, test } from 'vitest';
import { expectLinear } from './growth.ts';
import { gatewayBefore, type VendorOptions } from './vendors.ts';

const MARKS = ['\u0301', '\u0323'] as const;

/** A text of so many characters, each kind of which some way of reading goes through again. */
const LONG_TEXTS: readonly (readonly [string, (count: number) => string])[] = [
  ['marks out of order', (n) => `a${MARKS[0].repeat(n / 4)}${MARKS[1].repeat(n / 4)}`],
  ['blanks', (n) => `a${' '.repeat(n)}b`],
  ['backslashes', (n) => '\\'.repeat(n / 2)],
  ['percent signs', (n) => '%'.repeat(n)],
  ['encoded percent signs', (n) => `%${'25'.repeat(n / 2)}`],
  ['open entities', (n) => `&#${'0'.repeat(n)}`],
  ['quotes', (n) => '"'.repeat(n / 2)],
  ['colons', (n) => ':'.repeat(n)],
  ['open brackets', (n) => '[{'.repeat(n / 2)],
  ['commas before digits', (n) => ',1'.repeat(n / 2)],
];
const CHARACTERS_FEW = 12_000;

test.each(LONG_TEXTS)(
  'a write of a text of many %s that the vendor changes',
  async (_, written) => {
    const answer = (id: string): string =>
      JSON.stringify({ profile: { id, name: 'Robin Doe', attributes: {} } });
    const gateway = await gatewayBefore({ answer });
    await expectLinear(CHARACTERS_FEW, async (count) => {
      const text = JSON.stringify({ name: written(count) });
      return async () => {
        const { status } = await gateway.ask('PATCH', gateway.freshPath('nerm'), { text });
        expect(status).toBe(200);
      };
    });
  },
);

test.each(LONG_TEXTS)('an explanation of a text of many %s', async (_, written) => {
  await expectLinear(CHARACTERS_FEW, async (count) => {
    const gateway = await gatewayBefore({
      name: written(count),
      attributes: { a: written(count) },
    });
    const text = JSON.stringify({ attributes: { a: written(count) } });
    return async () => {
      const path = `${gateway.freshPath('senlin')}/explain?read=true`;
      const { status } = await gateway.ask('POST', path, { text });
      expect(status).toBe(200);
    };
  });
});

/** Bodies that are refused, or read to their end although little is in them. */
const LONG_BODIES: readonly (readonly [string, (count: number) => string, number])[] = [
  ['brackets', (n) => '['.repeat(n), 422],
  ['braces', (n) => '{"a":'.repeat(n / 5), 422],
  ['blanks', (n) => `{"attributes":{"a":${' '.repeat(n)}1}}`, 200],
  ['blanks after a key', (n) => `{"attributes":{"a"${' '.repeat(n)}:1.5}}`, 200],
  ['the same key', (n) => `{"attributes":{${'"a":1,'.repeat(n / 6)}"a":1}}`, 422],
  ['unknown names', (n) => `{${each(n / 24, (i) => `"unknown name ${i}":1`)}}`, 422],
  ['unknown extensions', (n) => `{"extensions":{${each(n / 24, (i) => `"k${i}":1`)}}}`, 422],
  [
    'long pointers',
    (n) => `{"attributes":{"${'k'.repeat(n / 2)}":[${each(n / 48, () => '1.0')}]}}`,
    200,
  ],
  [
    'rounded numbers',
    (n) => `{"attributes":{"a":[${each(n / 48, () => '0.10000000000000001')}]}}`,
    422,
  ],
  ['other spellings', (n) => `{"attributes":{"a":[${each(n / 48, (i) => `${i}.50e-1`)}]}}`, 200],
  ['too many items', (n) => `{"attributes":{"a":[${each(5_000 + n / 2, () => '0')}]}}`, 422],
];

test.each(LONG_BODIES)('a patch of many %s', async (_, body, expected) => {
  const gateway = await gatewayBefore();
  await expectLinear(CHARACTERS_FEW, async (count) => {
    const text = body(count);
    return async () => {
      const { status } = await gateway.ask('PATCH', gateway.freshPath('senlin'), { text });
      expect(status).toBe(expected);
    };
  });
});

function each(count: number, member: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => member(i)).join(',');
}

/** Answers of a vendor that shows or says more than it should. */
const LONG_ANSWERS: readonly (readonly [string, (count: number) => VendorOptions])[] = [
  [
    'a message',
    (n) => ({ status: 400, answer: () => JSON.stringify({ error: 'e % '.repeat(n) }) }),
  ],
  [
    'errors',
    (n) => ({
      status: 422,
      answer: () => `{"error":"x","errors":{${each(n, (i) => `"k${i}":"e"`)}}}`,
    }),
  ],
  ['markup', (n) => ({ status: 502, answer: () => '<p>'.repeat(n) })],
  ['brackets', (n) => ({ answer: () => '['.repeat(n) })],
  [
    'a time',
    (n) => ({
      answer: (id) =>
        JSON.stringify({ profile: { id, attributes: {}, updated_at: '2026-01-01Z('.repeat(n) } }),
    }),
  ],
];

test.each(LONG_ANSWERS)('an answer with %s of any length', async (_, options) => {
  await expectLinear(750, async (count) => {
    const gateway = await gatewayBefore(options(count));
    const text = '{"status":"active"}';
    return async () => {
      const { status } = await gateway.ask('PATCH', gateway.freshPath('nerm'), { text });
      expect(status).toBeGreaterThan(0);
    };
  });
});
