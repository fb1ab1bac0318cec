import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { V8_FLAGS } from '../../../src/node/cli/v8-flags.ts';
import { VERSION } from '../../../src/node/version.ts';
import { CLI, node, run } from '../../support/child.ts';

const built = dirname(CLI);
const folder = mkdtempSync(join(tmpdir(), 'gateway-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Prints if V8 rejects the code that is kept beside a program; undefined: there is none. */
async function isRejected(program: string, flags: readonly string[]): Promise<string> {
  const code = `
    const { compileProgram } = await import('./src/node/program/load-program.ts');
    console.log(compileProgram(${JSON.stringify(program)}).script.cachedDataRejected);`;
  const { stdout } = await run(node([...flags, '--input-type=module', '--eval', code]));
  return stdout.trim();
}

describe('the code that the build keeps of the program', () => {
  test('is taken by V8 with the flags of serve, and without', async () => {
    const program = join(built, 'program.cjs');
    expect(await isRejected(program, V8_FLAGS)).toBe('false');
    expect(await isRejected(program, [])).toBe('false');
  });

  test.each([
    ['missing', undefined, 'undefined'],
    ['of another program', Buffer.alloc(4096, 7), 'true'],
  ])('may be %s', async (_, cache, rejected) => {
    for (const name of ['gateway.js', 'program.cjs']) {
      copyFileSync(join(built, name), join(folder, name));
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    if (cache !== undefined) writeFileSync(join(folder, 'program.cache'), cache);
    expect(await isRejected(join(folder, 'program.cjs'), V8_FLAGS)).toBe(rejected);
    const { code, stderr, stdout } = await run(node([join(folder, 'gateway.js'), '--version']));
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: `${VERSION}\n` });
  });
});

test('an error that ends the built program is reported by its place in the sources', async () => {
  const broken = `process.getBuiltinModule('node:crypto').randomBytes=()=>{throw new TypeError()}`;
  const { code, stderr } = await run(
    node([`--import=data:text/javascript,${broken}`, CLI, 'keygen']),
  );
  expect(code).toBe(70);
  expect(stderr).toMatch(/^uncaught error: TypeError .* \(src\/node\/cli\/keygen\.ts:\d+:\d+\)/);
});
