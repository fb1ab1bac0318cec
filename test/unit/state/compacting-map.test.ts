import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCompactingMap } from '../../../src/state/compacting-map.ts';

const key = fc.integer({ min: 0, max: 200 }).map((n) => `key ${n}`);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ set: key, value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ delete: key }) },
);

test('is a map whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 500, maxLength: 3_000 }), (steps) => {
      const brief = createCompactingMap<string, number>();
      const plain = new Map<string, number>();
      for (const one of steps) {
        if ('set' in one) {
          brief.set(one.set, one.value);
          plain.set(one.set, one.value);
        } else {
          expect(brief.delete(one.delete)).toBe(plain.delete(one.delete));
        }
        expect([brief.size(), brief.oldest()]).toEqual([plain.size, plain.keys().next().value]);
      }
      expect([...brief.keys()]).toEqual([...plain.keys()]);
      for (let n = 0; n <= 200; n += 1) {
        const name = `key ${n}`;
        expect([brief.has(name), brief.get(name)]).toEqual([plain.has(name), plain.get(name)]);
      }
    }),
    { numRuns: 20 },
  );
});
