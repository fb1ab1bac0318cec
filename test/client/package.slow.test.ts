import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installPacked, PACKED_MS_MAX } from '../repository/packed.ts';
import { ROOT } from '../support/child.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

const execute = promisify(execFile);
const TOOLS = join(ROOT, 'test/client/tools/node_modules');
const isInstalled = existsSync(join(TOOLS, 'publint'));
const folder = mkdtempSync(join(tmpdir(), 'gateway-client-'));
const project = join(folder, 'project');
const installed = join(project, 'node_modules/profile-gateway');
const NODES = [
  ...['node-20', 'node-22', 'node-26'].map((name) => join(TOOLS, name, 'bin/node')),
  process.execPath,
];
let gateway: RunningGateway;

if (!isInstalled && process.env.SKIP_REASONS) {
  const reason = 'client package: skipped (npm ci --prefix test/client/tools)';
  appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
}

/** What a program prints on both of its outputs. */
async function run(file: string, ...args: readonly string[]): Promise<string> {
  const ended = execute(file, args, { cwd: project });
  const { stdout, stderr } = await ended.catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return stdout + stderr;
}

/** Neither the types of Node nor a dependency is there. */
const compile = (compiler: string) =>
  run(process.execPath, join(compiler, 'bin/tsc'), '-p', project, '--pretty', 'false');

beforeAll(async () => {
  await installPacked(folder, project);
  cpSync(join(ROOT, 'test/client/project'), project, { recursive: true });
  gateway = await startGateway();
}, PACKED_MS_MAX);
afterAll(async () => {
  await gateway?.stop();
  rmSync(folder, { recursive: true });
});

test('a program compiles; a wrong field, outcome or code does not', async () => {
  expect(await compile(join(ROOT, 'node_modules/typescript'))).toBe('');
  writeFileSync(join(project, 'unexpected.ts'), "import 'profile-gateway/client/none';\n");
  expect(await compile(join(ROOT, 'node_modules/typescript'))).toContain('unexpected.ts(1,');
  rmSync(join(project, 'unexpected.ts'));
});

describe.skipIf(!isInstalled)('with the tools', () => {
  test('the compiler before this one finds nothing either', async () => {
    expect(await compile(join(TOOLS, 'typescript'))).toBe('');
  });

  test.each(NODES)('a program runs on %s', async (node) => {
    expect(await run(node, join(project, 'out/patch.js'), gateway.origin)).toMatch(
      /^(?:applied|noop) nerm-demo\n$/,
    );
  });

  test('the package is as resolvers expect it', async () => {
    const attw = join(TOOLS, '@arethetypeswrong/cli/dist/index.js');
    const packed = await execute('npm', ['pack', installed, '--offline', '--ignore-scripts'], {
      cwd: folder,
    });
    const archive = join(folder, packed.stdout.trim());
    // Rejects where a problem is found that the profile does not ignore.
    await execute(process.execPath, [attw, archive, '--profile', 'esm-only'], { cwd: folder });
    const publint = join(TOOLS, 'publint/src/cli.js');
    expect(await run(process.execPath, publint, 'run', installed, '--strict')).toContain(
      'All good!',
    );
  });
});
