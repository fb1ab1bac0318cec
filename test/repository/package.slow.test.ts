import { execFile, spawn } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/child.ts';
import { installPacked, PACKED_MS_MAX } from './packed.ts';

const execute = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'gateway-package-'));
/** A project that has the packed package installed. */
const project = join(folder, 'project');
const installed = join(project, 'node_modules', 'profile-gateway');
const ACME = join(ROOT, 'test/conformance/fifth-vendor/acme');
let packed: string[];

beforeAll(async () => {
  packed = await installPacked(folder, project);
  for (const name of ['zod', 'hono', '@types', 'undici-types']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  cpSync(join(ROOT, 'test/repository/kit'), project, { recursive: true });
  // The adapter of a made-up vendor, as it would stand in a repository of its own.
  for (const file of globSync('*.ts', { cwd: ACME })) {
    const own = readFileSync(join(ACME, file), 'utf8');
    const kit = own.replaceAll(
      /'[./]+\/src\/adapter-kit\/index\.ts'/g,
      "'profile-gateway/adapter-kit'",
    );
    writeFileSync(join(project, file), kit.replaceAll(/'\.\/(\w+)\.ts'/g, "'./$1.js'"));
  }
}, PACKED_MS_MAX);
afterAll(() => rmSync(folder, { recursive: true }));

/** What the compiler reports of the project, one line each. */
async function compile(): Promise<string[]> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const run = execute(process.execPath, [compiler, '-p', project, '--pretty', 'false']);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return stdout.split('\n').filter((line) => line !== '');
}

function node(...args: readonly string[]) {
  return execute(process.execPath, args, { cwd: project });
}

test('the package holds what is built, and the README', () => {
  const built =
    /^dist\/(?:.+\.(?:js|js\.map|d\.ts)$|program\.(?:cache|cjs|cjs\.map)$|console\/.+\.(?:css|svg)$|docs\/)/;
  const others = packed.filter((path) => !built.test(path));
  expect(others.toSorted()).toEqual(['README.md', 'package.json']);
  expect(packed).toContain('dist/gateway.js');
  expect(packed).toContain('dist/program.cache');
  expect(packed).toContain('dist/console/uplot.js');
});

describe('types', () => {
  test('an adapter compiles; a wrong member, code or step does not', async () => {
    expect(await compile()).toEqual([]);
  });

  test('a mistake that nothing expects is reported', async () => {
    const path = join(project, 'unexpected.ts');
    writeFileSync(
      path,
      "import { vendorFault } from 'profile-gateway/adapter-kit';\nvendorFault(1);\n",
    );
    const reported = await compile();
    rmSync(path);
    expect(reported.join('\n')).toMatch(/unexpected\.ts\(2,\d+\): error TS/);
  });
});

describe('what is installed runs', () => {
  test('the kits', async () => {
    const { stdout } = await node(
      '--eval',
      `import { defineAdapter, vendorFault } from 'profile-gateway/adapter-kit';
       import { createSandboxSet, JOURNAL_ENTRIES_MAX } from 'profile-gateway/sandbox-kit';
       const names = { createSandboxSet, defineAdapter, vendorFault, JOURNAL_ENTRIES_MAX };
       console.log(JSON.stringify(Object.values(names).map((value) => typeof value)));`,
    );
    expect(JSON.parse(stdout)).toEqual(['function', 'function', 'function', 'number']);
  });

  test('the gateway, with its reference page', async () => {
    const child = spawn(
      process.execPath,
      [join(installed, 'dist/gateway.js'), 'serve', '--or-sandbox', '--port', '0'],
      { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let printed = '';
    for await (const chunk of child.stdout) {
      printed += chunk;
      if (/curl/.test(printed)) break;
    }
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
    for (const path of ['/docs', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js']) {
      expect([path, (await fetch(`${origin}${path}`)).status]).toEqual([path, 200]);
    }
    child.kill();
  });

  test('the command line, with its version', async () => {
    const { bin, version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const entry = join(installed, bin['profile-gateway']);
    expect(readFileSync(entry, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect((await node(entry, '--version')).stdout).toBe(`${version}\n`);
    expect((await node(entry, 'keygen')).stdout).toMatch(/^pgw_/);
    await expect(node(entry, '--config', 'missing.yaml')).rejects.toMatchObject({
      code: 78,
      stderr: 'missing.yaml: cannot be read (ENOENT)\n',
    });
  });
});
