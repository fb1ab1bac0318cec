import { expect, test } from 'vitest';
import { createRedactor } from '../../src/telemetry/redactor.ts';
import { count, readSeed } from '../support/counts.ts';
import { createRandom } from './fuzz-random.ts';
import { spelledAnyhow } from './secret-spelling.ts';

const CASES = count(20_000, 300_000);
const SEED = readSeed();

/** What is written otherwise somewhere, and what looks as if it were written otherwise. */
const PARTS = [
  ...['a', 'Z', '7', '5', '"', '\\', '/', '+', '=', '%', '<', '&', "'", '#', ' ', 'ö', '€', '😀'],
  ...['%41', '%aa', '%80', '%bf', '%c3', '%f0', '%2', '%25', '&amp', '&lt;', 'u0041'],
] as const;

test(`a secret of what looks like escapes is hidden in every spelling: SEED=${SEED}`, () => {
  const random = createRandom(SEED);
  for (let number = 0; number < CASES; number += 1) {
    const middle = random.times(8, () => random.pick(PARTS)).join('');
    const value = `c${number}-${middle}-end`;
    const told = `<${spelledAnyhow(value, random)}|`;
    const { text } = createRedactor([{ name: 'auth.password', value }]);
    expect(text(told), `${value} as ${told}`).toContain('«secret:auth.password»');
  }
});

test.each([
  ['😀%aa', '%f0%9f%98%80%25aa'],
  ['ö%80', '%c3%b6%2580'],
  ['ö%80', '%25c3%25b6%252580'],
  ['€%bf', '%e2%82%ac%25bf'],
])('%s at the end of a character is no part of it as %s', (middle, written) => {
  const { text } = createRedactor([{ name: 'auth.password', value: `begin${middle}end` }]);
  expect(text(`<begin${written}end>`)).toBe('<«secret:auth.password»>');
});
