import { afterAll, beforeAll, expect, test } from 'vitest';
import { share } from '../../support/counts.ts';
import { buildMutants, type MutantBundle } from './build.ts';
import type { Check } from './judged-by.ts';
import type { Mutant } from './mutate.ts';
import { SLIPS } from './slips.ts';
import { SURVIVORS } from './survivors.ts';

/** More rounds of loops than any check takes. */
const FUEL = 3_000;

/** Guards that no test held once, each by the beginning of the mutant that takes it out. */
const GUARDS = [
  'writes/write-profile slip: no in-doubt mark before the send',
  'writes/outcome condition: mayYetBeApplied(state, [...notStored, ...state.pending]) -> false',
  'writes/outcome condition: mayYetBeApplied(state, notStored) -> false',
  'writes/write-profile branch: state.accepted.length === 0 ? await precondition?.(before) : undefined -> await precondition?.(before)',
  "writes/classify-changes row: without { read: 'contradicted', bucket: 'conflicting' }",
];

let bundle: MutantBundle;
beforeAll(async () => {
  globalThis.outerExpect = expect;
  bundle = await buildMutants(SLIPS);
});
afterAll(() => bundle.remove());

/** Runs the checks up to the first that fails. */
async function killerOf(checks: readonly Check[]): Promise<Check | undefined> {
  for (const check of checks) {
    globalThis.mutantFuel = FUEL;
    try {
      await check.run();
    } catch {
      return check;
    }
  }
  return undefined;
}

async function judged({ isLoaded, name }: Mutant, killers: Map<string, number>) {
  globalThis.chosenMutant = name;
  try {
    const checks = await bundle.load(isLoaded);
    // What has found a slip in the same file finds the next one soonest.
    const ordered = checks.toSorted(
      (a, b) => (killers.get(b.name) ?? 0) - (killers.get(a.name) ?? 0),
    );
    const killer = await killerOf(ordered);
    if (killer !== undefined) killers.set(killer.name, (killers.get(killer.name) ?? 0) + 1);
    return killer === undefined;
  } catch {
    // A module that does not load is found by whatever imports it.
    return false;
  } finally {
    globalThis.chosenMutant = undefined;
  }
}

test('the checks pass without a slip', async () => {
  const checks = await bundle.load(false);
  const start = Date.now();
  expect((await killerOf(checks))?.name).toBeUndefined();
  console.info(`${checks.length} checks in ${Date.now() - start} ms`);
});

test.each(GUARDS)('the guard is among the mutants, and not listed: %s', (guard) => {
  const listed = SURVIVORS.flatMap(({ mutants }) => mutants);
  const found = bundle.mutants.filter(({ name }) => name.startsWith(guard));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(({ name }) => listed.includes(name))).toEqual([]);
});

test('every slip is found by a check, or listed', { timeout: 1_200_000 }, async () => {
  const killers = new Map<string, number>();
  const survivors: string[] = [];
  const start = Date.now();
  const chosen = share(bundle.mutants, 3);
  for (const mutant of chosen) {
    if (await judged(mutant, killers)) survivors.push(mutant.name);
  }
  const { length } = chosen;
  console.info(`${length} mutants, ${survivors.length} survive: ${Date.now() - start} ms`);
  const listed = SURVIVORS.flatMap(({ mutants }) => mutants);
  expect(survivors.filter((name) => !listed.includes(name))).toEqual([]);
  const tried = chosen.map(({ name }) => name).filter((name) => listed.includes(name));
  expect(tried.filter((name) => !survivors.includes(name))).toEqual([]);
});

test('every listed slip is one that is made', () => {
  const made = bundle.mutants.map(({ name }) => name);
  const listed = SURVIVORS.flatMap(({ mutants }) => mutants);
  expect(listed.filter((name) => !made.includes(name))).toEqual([]);
});
