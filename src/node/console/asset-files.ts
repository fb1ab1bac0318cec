import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AssetName } from '../../console/assets.ts';

/**
 * Folder of the build that has all files, beside `dist/program.cjs`; see `build:console` in
 * `package.json`.
 */
const BUILT = new URL('console/', import.meta.url);
const SOURCES = new URL('../../console/assets/', import.meta.url);

/** Files of a package, from its folder. */
const PACKAGED: Readonly<Partial<Record<AssetName, string>>> = {
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
};

/** Reads a file of the console: of the build, where this is one, else where it is kept. */
export async function readAssetFile(name: AssetName): Promise<string> {
  const isSource = import.meta.url.endsWith('.ts');
  const packaged = PACKAGED[name];
  const url = isSource
    ? packaged === undefined
      ? new URL(name, SOURCES)
      : import.meta.resolve(packaged)
    : new URL(name, BUILT);
  return await readFile(fileURLToPath(url), 'utf8');
}
