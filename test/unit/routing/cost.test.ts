import { expect, test } from 'vitest';
import type { ConfigSnapshot } from '../../../src/config/snapshot.ts';
import { compilePattern } from '../../../src/routing/pattern.ts';
import { type Condition, createRouter, type Route } from '../../../src/routing/router.ts';
import { gatewayOf, hr } from './routes.ts';

const COUNT = 1_000;
const KINDS: readonly [title: string, match: (i: number) => object][] = [
  ['ids', (i) => ({ id: `tenant-${i}` })],
  ['beginnings of ids', (i) => ({ id: `t${i}-*` })],
  ['captures', (i) => ({ id: `t${i}-{upstreamId}` })],
  ['a header', (i) => ({ header: { 'x-tenant': `t${i}` } })],
  ['a header beside one beginning of ids', (i) => ({ id: 't*', header: { 'x-tenant': `t${i}` } })],
  ['callers beside one header', (i) => ({ caller: `c${i}`, header: { 'x-a': '*' } })],
  ['callers by their beginnings', (i) => ({ caller: `c${i}-*` })],
];

/** The same rules, counting each time that one of their conditions is looked at. */
function counted({ router }: ConfigSnapshot) {
  const seen = { conditions: 0 };
  const watch = (condition: Condition): Condition => {
    const { matches, ...pattern } = condition.pattern;
    const counting = (value: string): boolean => {
      seen.conditions += 1;
      return matches(value);
    };
    return { ...condition, pattern: { ...pattern, matches: counting } };
  };
  const routes = router.routes.map((route): Route => {
    return { ...route, conditions: route.conditions.map(watch) };
  });
  return { seen, router: createRouter(routes) };
}

test.each(KINDS)('of 1,000 rules that differ in %s, few are looked at', async (_title, match) => {
  const rules = Array.from({ length: COUNT }, (_, i) => ({ match: match(i), to: 'east' }));
  const gateway = await gatewayOf([...rules, { to: 'north' }], { callers: { hr } });
  const { router, seen } = counted(gateway);
  for (const i of [0, 7, 70, 700, 999]) {
    seen.conditions = 0;
    const headers = new Map([
      ['x-tenant', `t${i}`],
      ['x-a', '1'],
    ]);
    for (const [id, caller] of [
      [`tenant-${i}`, `c${i}`],
      [`t${i}-9`, `c${i}-9`],
    ] as const) {
      const found = router.find({ id, caller, header: (name) => headers.get(name) });
      expect(['routes.1000', `routes.${i}`]).toContain(found?.path);
    }
    expect(seen.conditions).toBeGreaterThan(0);
    expect(seen.conditions).toBeLessThan(12);
  }
});

test('many rules for one beginning of ids still come in their order', () => {
  const target = { name: 'one' } as never;
  const routes = ['a*b', 'a*', 'a*c', 'ab*', '*'].map(
    (text, i): Route => ({
      path: `routes.${i}`,
      conditions: [
        { path: 'match.id', pattern: compilePattern(text, 'id'), valueIn: ({ id }) => id },
      ],
      capture: undefined,
      shares: [{ target, weight: 1 }],
      linkedOnly: false,
      strictHandling: false,
      fallback: [],
    }),
  );
  const { find } = createRouter(routes);
  const pathOf = (id: string) => find({ id, caller: undefined, header: () => undefined })?.path;
  expect(['axb', 'axc', 'abc', 'b', 'ab'].map(pathOf)).toEqual([
    'routes.0',
    'routes.1',
    'routes.1',
    'routes.4',
    'routes.0',
  ]);
});
