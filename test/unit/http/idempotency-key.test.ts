import { expect, test } from 'vitest';
import { parseIdempotencyKey } from '../../../src/http/middleware/idempotency-key.ts';
import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from '../../../src/limits.ts';

const LONGEST = 'k'.repeat(IDEMPOTENCY_KEY_CHARACTERS_MAX);

test.each<[string, string]>([
  ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['  "a" ', 'a'],
  ['"a b, c; d=e"', 'a b, c; d=e'],
  [String.raw`"a \"b\" \\c"`, String.raw`a "b" \c`],
  ['orders/2026:17', 'orders/2026:17'],
  ["!#$%&'*+-.^_`|~", "!#$%&'*+-.^_`|~"],
  [LONGEST, LONGEST],
  [`"${LONGEST}"`, LONGEST],
  // A character with its escape is one.
  [`"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
])('%s is the key %s', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});

test.each([
  '',
  '   ',
  '""',
  '"',
  '"a',
  'a"',
  'a b',
  'a, b',
  '"a", "b"',
  '"a";x=1',
  '"a\\b"',
  '"a\\"',
  '"ä"',
  'ä',
  '"a\tb"',
  ':"YQ=="',
  '(a)',
  `${LONGEST}k`,
  `"${LONGEST}k"`,
])('%s is no key', (header) => {
  expect(parseIdempotencyKey(header)).toBeUndefined();
});
