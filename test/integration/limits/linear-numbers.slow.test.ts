import { expect, test } from 'vitest';
import { decimalText } from '../../../src/adapter-kit/index.ts';
import { expectLinear } from './growth.ts';
import { gatewayBefore } from './vendors.ts';

/** Number texts of so many digits, each of which some way of comparing takes too long for. */
const LONG_NUMBERS: readonly (readonly [string, (digits: number) => string])[] = [
  ['zeros inside', (n) => `1${'0'.repeat(n)}1`],
  ['zeros behind the point', (n) => `0.1${'0'.repeat(n)}1`],
  ['zeros in front', (n) => `0.${'0'.repeat(n)}1`],
  ['zeros at the end', (n) => `1${'0'.repeat(n)}.5`],
  ['nines', (n) => '9'.repeat(n)],
  ['digits of an exponent', (n) => `1e${'9'.repeat(n)}`],
];

test.each(LONG_NUMBERS)('a patch with a number of many %s', async (_, number) => {
  const gateway = await gatewayBefore();
  await expectLinear(15_000, async (count) => {
    const text = `{"attributes":{"a":${number(count)}}}`;
    return async () => {
      const { status } = await gateway.ask('PATCH', gateway.freshPath('nerm'), { text });
      expect(status).toBe(422);
    };
  });
});

test.each(LONG_NUMBERS)('an answer with a number of many %s', async (_, number) => {
  await expectLinear(60_000, async (count) => {
    const gateway = await gatewayBefore({ answer: () => `{"profile":{"a":${number(count)}}}` });
    return async () => {
      const { status } = await gateway.ask('GET', gateway.freshPath('senlin'));
      expect(status).toBe(502);
    };
  });
});

test.each(LONG_NUMBERS)('many numbers of many %s', async (_, number) => {
  const numbers = (count: number, length: number): string => {
    const one = number(length);
    return `{${Array.from({ length: count }, (_, i) => `"k${i}":${one}`).join(',')}}`;
  };
  const gateway = await gatewayBefore();
  await expectLinear(15, async (count) => {
    const text = `{"attributes":${numbers(count, 900)}}`;
    return async () => {
      const { status } = await gateway.ask('PATCH', gateway.freshPath('senlin'), { text });
      expect(status).toBe(422);
    };
  });
});

// Without exponents, whose power is no number of so few digits.
test.each(LONG_NUMBERS.slice(0, -1))('a comparison of numbers of many %s', async (_, number) => {
  await expectLinear(4_000, async (count) => {
    const text = number(count);
    return async () => {
      for (let i = 0; i < 50; i += 1) decimalText(text);
    };
  });
});
