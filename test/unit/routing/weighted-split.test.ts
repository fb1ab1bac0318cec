import { expect, test } from 'vitest';
import { chooseShare, unitHash } from '../../../src/routing/weighted-split.ts';

const IDS = Array.from({ length: 100_000 }, (_, i) => `emp-${i}`);
type Weights = Readonly<Record<string, number>>;

function split(weights: Weights): string[] {
  const shares = Object.entries(weights).map(([name, weight]) => ({ target: { name }, weight }));
  return IDS.map((id) => chooseShare(shares, id)?.name ?? '');
}

function portion(weights: Weights, name: string): number {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return (weights[name] ?? 0) / total;
}

test.each<[weights: Weights]>([
  [{ a: 1, b: 1 }],
  [{ a: 90, b: 10 }],
  [{ a: 99, b: 1 }],
  [{ a: 50, b: 30, c: 20 }],
  [{ a: 0.5, b: 0.25, c: 0.125, d: 0.125 }],
  [{ a: 3, b: 0, c: 1 }],
])('100,000 ids fall by %j within a hundredth', (weights) => {
  const chosen = split(weights);
  for (const name of Object.keys(weights)) {
    const seen = chosen.filter((one) => one === name).length / IDS.length;
    expect(Math.abs(seen - portion(weights, name)), name).toBeLessThan(0.01);
  }
  expect(chosen).toEqual(split(weights));
});

test.each<[before: Weights, after: Weights]>([
  [
    { a: 90, b: 10 },
    { a: 80, b: 20 },
  ],
  [
    { a: 50, b: 50 },
    { a: 0, b: 100 },
  ],
  [
    { a: 1, b: 1 },
    { a: 1, b: 1, c: 1 },
  ],
  [
    { a: 50, b: 30, c: 20 },
    { a: 50, b: 30 },
  ],
  [
    { a: 50, b: 30, c: 20 },
    { a: 50, b: 30, c: 40 },
  ],
  [
    { a: 50, b: 30, c: 20 },
    { a: 40, b: 40, c: 20 },
  ],
  [
    { a: 40, b: 30, c: 20, d: 10 },
    { a: 40, b: 30, c: 20, d: 50 },
  ],
])('from %j to %j moves no more than 1.2 times the fewest', (before, after) => {
  const [was, is] = [split(before), split(after)];
  const moved = was.filter((name, i) => name !== is[i]).length;
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const count = (chosen: readonly string[], name: string): number =>
    chosen.filter((one) => one === name).length;
  const fewest = [...names].reduce(
    (sum, name) => sum + Math.max(0, count(is, name) - count(was, name)),
    0,
  );
  expect(fewest).toBeGreaterThan(1_000);
  expect(moved).toBeLessThanOrEqual(1.2 * fewest);
});

test('the order of the targets, and another scale of the weights, move nothing', () => {
  expect(split({ c: 20, a: 50, b: 30 })).toEqual(split({ a: 5, b: 3, c: 2 }));
});

test('a target that grows takes from the others and gives nothing away', () => {
  const was = split({ a: 50, b: 30, c: 20 });
  const is = split({ a: 50, b: 30, c: 30 });
  expect(was.filter((name, i) => name !== is[i] && is[i] !== 'c')).toEqual([]);
});

test('the hash stays what it is: another one would move profiles to other targets', () => {
  expect(['', 'a', 'emp-17', 'Ω'].map((text) => unitHash(text))).toMatchInlineSnapshot(`
    [
      0.13267770837518972,
      0.21147961197339732,
      0.0859680634098367,
      0.705903253719619,
    ]
  `);
});
