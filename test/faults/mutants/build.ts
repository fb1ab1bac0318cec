import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Check } from './judged-by.ts';
import { type Mutant, mutate, type Slip } from './mutate.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The files whose guards must each be held by a check. */
export const FILES = [
  'src/writes/classify-changes.ts',
  'src/writes/compare.ts',
  'src/writes/decide.ts',
  'src/writes/outcome.ts',
  'src/writes/plan.ts',
  'src/writes/send-writes.ts',
  'src/writes/vendor-timeline.ts',
  'src/writes/write-profile.ts',
  'src/writes/write-state.ts',
  'src/profiles/fallback.ts',
] as const;

declare global {
  var chosenMutant: string | undefined;
  var mutantFuel: number;
}

export type MutantBundle = {
  readonly mutants: readonly Mutant[];
  /** Loads the checks; a new copy of all modules where `isNew`. */
  readonly load: (isNew: boolean) => Promise<readonly Check[]>;
  readonly remove: () => void;
};

/** Builds the checks and what they judge into one module, in which `chosenMutant` is switched. */
export async function buildMutants(
  slips: Readonly<Record<string, readonly Slip[]>>,
): Promise<MutantBundle> {
  const mutants: Mutant[] = [];
  const mutating: Plugin = {
    name: 'mutants',
    setup: ({ onLoad, onResolve }) => {
      onResolve({ filter: /^vitest$/ }, () => ({ path: join(HERE, 'collected-tests.ts') }));
      onLoad({ filter: /\/src\/(?:writes|profiles)\/[a-z-]+\.ts$/ }, ({ path }) => {
        const file = FILES.find((known) => path === join(ROOT, known));
        if (file === undefined) return undefined;
        const name = file.replace('src/', '').replace('.ts', '');
        const mutated = mutate(name, readFileSync(path, 'utf8'), slips[name] ?? []);
        mutants.push(...mutated.mutants);
        return { contents: mutated.text, loader: 'ts' };
      });
    },
  };
  // Beside the packages that the bundle imports.
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.mutants-'));
  const outfile = join(folder, 'checks.mjs');
  await build({
    entryPoints: [join(HERE, 'judged-by.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    define: { 'import.meta.env': '{}' },
    plugins: [mutating],
    outfile,
  });
  let copies = 0;
  return {
    mutants: mutants.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    load: async (isNew) => {
      if (isNew) copies += 1;
      const url = `${pathToFileURL(outfile)}?copy=${isNew ? copies : 0}`;
      const { checks }: { checks: readonly Check[] } = await import(/* @vite-ignore */ url);
      return checks;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
