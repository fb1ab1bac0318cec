/// <reference types="vite/types/importMeta.d.ts" />

/** The counts and seeds of all random tests, from the environment of either runtime. */

const environment: Readonly<Record<string, string | undefined>> = import.meta.env;

/** True where the environment has FULL=1: everything is tried, however long it takes. */
export const isFull = environment.FULL === '1';

/** The `usual` count, or the `full` one with FULL=1. */
export function count(usual: number, full: number): number {
  return isFull ? full : usual;
}

/** The runs of a property. */
export function runs(usual: number, full: number): { numRuns: number } {
  return { numRuns: count(usual, full) };
}

/** The seed of a file: SEED of the environment, or a new one. */
export function readSeed(): number {
  return Number(environment.SEED ?? Math.floor(Math.random() * 2 ** 31));
}

/** Every `nth` item from a place that the seed of the file decides; all with FULL=1. */
export function share<T>(items: readonly T[], nth: number): readonly T[] {
  if (isFull) return items;
  const seed = readSeed();
  console.info(`one of ${nth} from ${items.length}: SEED=${seed}`);
  return items.filter((_, i) => (i + seed) % nth === 0);
}
