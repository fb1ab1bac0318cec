import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Adapter } from '../../src/adapter-kit/index.ts';

/** `npm run generate` rewrites what these tests compare. */
const ADAPTERS = new URL('../../adapters/', import.meta.url);
const BANNER = '// Written by `npm run generate` from the folders beside this file.';

function foldersWith(file: string): string[] {
  return readdirSync(ADAPTERS, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/${file}`, ADAPTERS)),
    )
    .map((entry) => entry.name)
    .sort();
}

/** The name of a folder as an identifier: `acme-rows` is `acmeRows`. */
function identifierOf(folder: string): string {
  return folder.replace(/-+(\w)/g, (_, next: string) => next.toUpperCase()).replaceAll('-', '');
}

/** A list in the formatter's form: in one line if it fits, else one item per line. */
function list(open: string, items: readonly string[], close: string): string {
  const line = `${open}${open.endsWith('{') ? ' ' : ''}${items.join(', ')}${close.startsWith('}') ? ' ' : ''}${close}`;
  return line.length <= 100
    ? line
    : `${open}\n${items.map((item) => `  ${item},\n`).join('')}${close}`;
}

/** Orders imports as the formatter does, by the path that they name. */
function byPath(a: string, b: string): number {
  const [, from = ''] = a.split(' from ');
  const [, other = ''] = b.split(' from ');
  return from < other ? -1 : 1;
}

test('adapters/index.ts lists every vendor', async () => {
  const vendors = foldersWith('index.ts');
  const text = [
    BANNER,
    "import type { Adapter } from '../src/adapter-kit/index.ts';",
    ...vendors.map((vendor) => `import ${identifierOf(vendor)} from './${vendor}/index.ts';`),
    '',
    "/** Every vendor's adapter, by folder. */",
    list('export const adapters: readonly Adapter[] = [', vendors.map(identifierOf), '];'),
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../adapters/index.ts');
});

test('adapters/sandboxes.ts lists every sandbox', async () => {
  const folders = foldersWith('sandbox/index.ts');
  const entries = folders.map((folder) =>
    folder === identifierOf(folder) ? folder : `'${folder}': ${identifierOf(folder)}`,
  );
  const type = 'Readonly<Record<string, (options: SandboxOptions) => Sandbox>>';
  const text = [
    BANNER,
    '',
    ...[
      ...folders.map(
        (folder) =>
          `import { createSandbox as ${identifierOf(folder)} } from './${folder}/sandbox/index.ts';`,
      ),
      "import type { Sandbox, SandboxOptions } from './sandbox-kit/sandbox.ts';",
    ].toSorted(byPath),
    '',
    '/** Every sandbox, by folder. */',
    list(`export const sandboxes: ${type} = {`, entries, '};'),
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../adapters/sandboxes.ts');
});

test('each adapter is called as its folder', async () => {
  for (const folder of foldersWith('index.ts')) {
    expect((await adapterIn(folder)).vendor).toBe(folder);
  }
});

async function adapterIn(folder: string): Promise<Adapter> {
  return (await import(`../../adapters/${folder}/index.ts`)).default;
}
