import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/child.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { areToolsInstalled, createWorkplace, reportMissingTools } from './tools.ts';

const { folder, remove, run } = createWorkplace();
const GENERATORS = [
  ['openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'generated/openapi-typescript.ts'],
  ['@hey-api/openapi-ts/bin/run.js', '-f', 'openapi-ts.config.mjs'],
  ['orval/dist/bin/orval.mjs', '--config', 'orval.config.mjs'],
] as const;
const GENERATION_MS_MAX = 180_000;
const PROFILE = 'nerm-demo:33f072dd-13b4-41e1-8ea0-16f2a59b57c8';
let gateway: RunningGateway;

reportMissingTools('generated clients');

describe.skipIf(!areToolsInstalled)('generated clients', () => {
  beforeAll(async () => {
    cpSync(join(ROOT, 'test/openapi/project'), folder, { recursive: true });
    gateway = await startGateway();
    const made = GENERATORS.map(([program, ...args]) => run(program, ...args));
    for (const { code, output } of await Promise.all(made)) {
      expect({ code, output }).toMatchObject({ code: 0 });
    }
  }, GENERATION_MS_MAX);
  afterAll(() => gateway?.stop());
  afterAll(remove);

  test(
    'compile, and a wrong value does not',
    async () => {
      expect(await run('typescript/bin/tsc', '-p', '.')).toEqual({ code: 0, output: '' });
      expect(readFileSync(join(folder, 'orval.ts'), 'utf8')).toContain('@ts-expect-error');
    },
    GENERATION_MS_MAX,
  );

  test.each(['openapi-typescript', 'hey-api', 'orval'])('the client by %s runs', async (name) => {
    const outfile = join(folder, `${name}.mjs`);
    const entryPoints = [join(folder, `${name}.ts`)];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', logLevel: 'silent' });
    const { patch } = await import(pathToFileURL(outfile).href);
    expect(await patch(gateway.origin, PROFILE)).toMatch(/^(?:applied|noop) nerm$/);
    expect(await patch(gateway.origin, 'nobody:1')).toBe('unknown_target');
  });
});
