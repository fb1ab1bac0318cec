import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCallerBook } from '../../src/gateway/callers.ts';
import { nodeDigests } from '../../src/gateway/digests-node.ts';

/** Keys as long as they may be, so that a comparison which stops early would show. */
const KEY_CHARACTERS = 4096;
const POSITIONS = [0, 1024, 2048, 3072, 4095];
const ROUNDS = 60;
const CALLS_PER_ROUND = 40;
/** Most that the medians may differ, as a share of the smallest; they differ by noise only. */
const SPREAD_MAX = 0.25;
/** A busy machine may spoil one series; a leak shows in all. */
const SERIES_MAX = 5;

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
