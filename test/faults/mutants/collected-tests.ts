import type * as vitest from 'vitest';

/** Stands in for vitest in a bundle of test files: collects their tests, and runs none. */

export type CollectedTest = { readonly name: string; readonly run: () => unknown };

export const collected: CollectedTest[] = [];

declare global {
  /** The `expect` of the test that runs the bundle. */
  var outerExpect: typeof vitest.expect;
}

export const expect = new Proxy(() => {}, {
  apply: (_, __, given) => Reflect.apply(globalThis.outerExpect, undefined, given),
  get: (_, name) => Reflect.get(globalThis.outerExpect, name),
});

let parents: readonly string[] = [];

function inside(name: string, body: () => unknown): void {
  const outer = parents;
  parents = [...outer, name];
  body();
  parents = outer;
}

function add(name: string, ...rest: readonly unknown[]): void {
  const run = rest.findLast((given) => typeof given === 'function') as () => unknown;
  collected.push({ name: [...parents, name].join(' > '), run });
}

type Row = readonly unknown[];
type Body = (...row: Row) => unknown;

/** `each` of `test` and of `describe`: once for every row. */
const forEach =
  (one: (name: string, body: () => unknown) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, body: Body): void => {
    for (const row of rows) {
      const given: Row = Array.isArray(row) ? row : [row];
      one(`${name} ${String(given[0])}`, () => body(...given));
    }
  };

export const test = Object.assign(add, { each: forEach(add) });
export const describe = Object.assign(inside, { each: forEach(inside) });
