import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, covers, refuseIdPattern } from '../../../src/routing/pattern.ts';
import { count } from '../../support/counts.ts';
import { type Asked, gatewayOf, hr, lead, warningsOf } from './routes.ts';

const RUNS = count(400, 5_000);

type Rule = {
  readonly match: {
    readonly id?: string;
    readonly header?: Readonly<Record<string, string>>;
    readonly caller?: string;
  };
  readonly to: string;
};

// Few letters, so that rules often meet requests.
const word = (min: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'A'), minLength: min, maxLength: 4 });
const glob = fc.oneof(
  word(1),
  fc.tuple(word(0), word(0)).map(([before, after]) => `${before}*${after}`),
  fc.tuple(word(0), word(0), word(0)).map((parts) => parts.join('*')),
);
const idPattern = fc.oneof(
  { weight: 3, arbitrary: glob },
  fc.tuple(word(0), word(0)).map(([before, after]) => `${before}{upstreamId}${after}`),
);
const headerName = fc.constantFrom('x-a', 'X-A', 'x-b');
const header = fc
  .dictionary(headerName, glob, { maxKeys: 2, noNullPrototype: true })
  .filter((names) => !('x-a' in names && 'X-A' in names));
const rule: fc.Arbitrary<Rule> = fc.record({
  match: fc.record({ id: idPattern, header, caller: glob }, { requiredKeys: [] }),
  to: fc.constantFrom('east', 'west', 'north', 'south'),
});
const asked: fc.Arbitrary<Asked> = fc.record(
  {
    id: word(1),
    headers: fc.dictionary(fc.constantFrom('x-a', 'X-B'), word(0), { noNullPrototype: true }),
    caller: word(1),
  },
  { requiredKeys: ['id'] },
);

/** Whether `text` fits `pattern`, by trying every length for what a `*` or the capture takes. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const isCapture = pattern.startsWith('{upstreamId}');
  if (isCapture || pattern.startsWith('*')) {
    const rest = pattern.slice(isCapture ? '{upstreamId}'.length : 1);
    for (let taken = isCapture ? 1 : 0; taken <= text.length; taken += 1) {
      if (fits(rest, text.slice(taken))) return true;
    }
    return false;
  }
  return text[0] === pattern[0] && fits(pattern.slice(1), text.slice(1));
}

/** The rules one by one, as the configuration has them. */
function slowLead(rules: readonly Rule[], { caller, headers = {}, id }: Asked): string {
  const received = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  for (const { match, to } of rules) {
    const asksFor = Object.entries(match.header ?? {});
    const holds =
      (match.id === undefined || fits(match.id, id)) &&
      (match.caller === undefined || (caller !== undefined && fits(match.caller, caller))) &&
      asksFor.every(([name, pattern]) =>
        received.some(([key, value = '']) => key === name.toLowerCase() && fits(pattern, value)),
      );
    if (!holds) continue;
    const [before = '', after] = (match.id ?? '').split('{upstreamId}');
    const captured = id.slice(before.length, id.length - (after ?? '').length);
    return `${to}/${after === undefined ? id : captured}`;
  }
  return 'route_not_found';
}

test('sorted rules lead where all of them in their order would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { maxLength: 12 }),
      fc.array(asked, { minLength: 20, maxLength: 20 }),
      async (rules, requests) => {
        const gateway = await gatewayOf(rules, { callers: { hr } });
        for (const one of requests) {
          expect(await lead(gateway, one)).toBe(slowLead(rules, one));
        }
      },
    ),
    { numRuns: RUNS },
  );
});

test('a rule that is told to be never used never decides', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { minLength: 2, maxLength: 8 }),
      fc.array(asked, { minLength: 20, maxLength: 20 }),
      async (rules, requests) => {
        const warned = await warningsOf(rules, { callers: { hr } });
        const unused = new Set(
          warned.map((warning) => Number(/^routes\.(\d+)/.exec(warning)?.[1])),
        );
        const used = rules.filter((_, i) => !unused.has(i));
        for (const one of requests) expect(slowLead(used, one)).toBe(slowLead(rules, one));
      },
    ),
    { numRuns: RUNS },
  );
});

test('a pattern matches what trying everything would find', () => {
  fc.assert(
    fc.property(idPattern, word(0), (text, value) => {
      expect(refuseIdPattern(text)).toBeUndefined();
      expect(compilePattern(text, 'id').matches(value)).toBe(fits(text, value));
    }),
    { numRuns: RUNS * 10 },
  );
});

test('a pattern that covers another matches all that the other does', () => {
  const OPEN = /\*|\{upstreamId\}/g;
  const part = fc.oneof(word(0), fc.constantFrom('*', 'a*', '{upstreamId}'));
  let covering = 0;
  fc.assert(
    fc.property(idPattern, part, word(0), (wide, narrowing, filling) => {
      const narrow = wide.replace(OPEN, () => narrowing);
      const value = narrow.replace(OPEN, () => filling);
      fc.pre(refuseIdPattern(narrow) === undefined && fits(narrow, value));
      if (!covers(compilePattern(wide, 'id'), compilePattern(narrow, 'id'))) return;
      covering += 1;
      expect(fits(wide, value)).toBe(true);
    }),
    { numRuns: RUNS * 5, maxSkipsPerRun: 100 },
  );
  expect(covering).toBeGreaterThan(RUNS);
});

test('a pattern made to be slow is not', () => {
  const pattern = compilePattern(`${'a*'.repeat(500)}b`, 'glob');
  const startMs = performance.now();
  for (let i = 0; i < 1_000; i += 1) expect(pattern.matches('a'.repeat(1_000))).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(2_000);
});
