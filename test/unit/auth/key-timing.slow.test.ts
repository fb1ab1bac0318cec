import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCallerBook } from '../../../src/auth/caller-registry.ts';
import { nodeDigests } from '../../../src/node/digests.ts';

/** Keys as long as they may be, so that a comparison which stops early would show. */
const KEY_CHARACTERS = 4096;
const POSITIONS = [0, 1024, 2048, 3072, 4095];
const ROUNDS = 60;
const CALLS_PER_ROUND = 40;
/** Most that the medians may differ, as a share of the smallest; they differ by noise only. */
const SPREAD_MAX = 0.25;
/** A busy machine may spoil one series; a leak shows in all. */
const SERIES_MAX = 5;

/** Twice as many keys as callers of a large configuration, and what one key may cost beside one. */
const MANY_KEYS = 2_000;
const MANY_TO_ONE_MAX = 3;

it('a wrong key takes as long wherever its first wrong character stands', async () => {
  const key = randomBytes(KEY_CHARACTERS).toString('hex').slice(0, KEY_CHARACTERS);
  const caller = { name: 'a', scopes: new Set<never>() };
  const book = await createCallerBook([{ caller, keys: [key] }], nodeDigests);
  const wrong = POSITIONS.map((at) => `${key.slice(0, at)}x${key.slice(at + 1)}`);
  expect(await book.find(key)).toBe(caller);
  for (const text of wrong) expect(await book.find(text)).toBeUndefined();

  let spreads: number[] = [];
  for (let series = 0; series < SERIES_MAX; series += 1) {
    const medians = await mediansOf(wrong, book.find);
    const spread = (Math.max(...medians) - Math.min(...medians)) / Math.min(...medians);
    spreads = [...spreads, spread];
    if (spread <= SPREAD_MAX) return;
  }
  expect(Math.min(...spreads)).toBeLessThanOrEqual(SPREAD_MAX);
});

it('a key is found as fast among 2,000 as alone', async () => {
  const callers = Array.from({ length: MANY_KEYS }, (_, i) => ({
    caller: { name: `caller-${i}`, scopes: new Set<never>() },
    keys: [`key-of-the-caller-${i}`],
  }));
  const [first] = callers;
  const key = first?.keys[0] ?? '';
  const alone = await createCallerBook(callers.slice(0, 1), nodeDigests);
  const among = await createCallerBook(callers, nodeDigests);
  expect(await alone.find(key)).toBe(first?.caller);
  for (const { caller, keys } of [...callers, ...callers]) {
    expect(await among.find(keys[0] ?? '')).toBe(caller);
  }

  let ratio = Number.POSITIVE_INFINITY;
  for (let series = 0; series < SERIES_MAX && ratio > MANY_TO_ONE_MAX; series += 1) {
    const [one = 0] = await mediansOf([key], alone.find);
    const [many = 0] = await mediansOf([key], among.find);
    ratio = Math.min(ratio, many / one);
  }
  expect(ratio).toBeLessThanOrEqual(MANY_TO_ONE_MAX);
});

/** The median time of a call for each key, the keys taking turns. */
async function mediansOf(
  keys: readonly string[],
  find: (key: string) => unknown,
): Promise<number[]> {
  const times = keys.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, key] of keys.entries()) {
      const startNs = process.hrtime.bigint();
      for (let call = 0; call < CALLS_PER_ROUND; call += 1) await find(key);
      times[i]?.push(Number(process.hrtime.bigint() - startNs));
    }
  }
  return times.map((list) => list.toSorted((a, b) => a - b)[ROUNDS / 2] ?? 0);
}
