import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, CLI_SOURCE, end, node, ROOT, run } from '../../support/child.ts';

const SUBCOMMANDS = ['serve', 'check', 'explain', 'keygen', 'links', 'state', 'sandbox'] as const;

/** Runs the command line; `code` is run before it in the same process. */
function gateway(args: readonly string[], code = '') {
  const before =
    code === '' ? [] : ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
  return run(node([...before, code === '' ? CLI : CLI_SOURCE, ...args]));
}

/** The exit codes of a list or a table, in its order. */
function codesIn(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map(([, code]) => Number(code));
}

describe('help', () => {
  test.each(['--help', '-h'])('%s lists every subcommand', async (flag) => {
    const { code, stderr, stdout } = await gateway([flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
    expect(listed).toEqual([...SUBCOMMANDS]);
  });

  test('lists the exit codes of the documentation', async () => {
    const { stdout } = await gateway(['--help']);
    const page = readFileSync(join(ROOT, 'docs/deploy-node.md'), 'utf8');
    const documented = codesIn(page, /^\| (\d+) \| /gm);
    expect(documented).toEqual([0, 64, 65, 69, 70, 78]);
    expect(codesIn(stdout, /^ +(\d+) {2}/gm)).toEqual(documented);
  });

  test.each(SUBCOMMANDS)('%s has its own, whatever else is written', async (name) => {
    const { code, stderr, stdout } = await gateway([name, '--unknown', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^usage: profile-gateway ${name}\\b`));
    expect(codesIn(stdout, /^ +(\d+) {2}/gm)).toContain(64);
    expect(await gateway([name, '-h'])).toMatchObject({ code: 0, stdout });
  });

  test('after -- it is a name', async () => {
    const { code, stderr } = await gateway(['check', '--', '--help']);
    expect({ code, stderr }).toEqual({ code: 78, stderr: '--help: cannot be read (ENOENT)\n' });
  });
});

test('the version is the one of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(await gateway(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('wrong arguments are 64', () => {
  test('none at all, with the help', async () => {
    const { stdout: help } = await gateway(['--help']);
    expect(await gateway([])).toEqual({ code: 64, stdout: '', stderr: help });
  });

  test('an unknown subcommand', async () => {
    expect(await gateway(['server', '--config', 'x.yaml'])).toEqual({
      code: 64,
      stdout: '',
      stderr: "unknown subcommand 'server'\nprofile-gateway --help lists the subcommands\n",
    });
  });

  test.each(SUBCOMMANDS)('an unknown option of %s, with its usage', async (name) => {
    const { code, stderr, stdout } = await gateway([name, '--unknown']);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^Unknown option '--unknown'.*\\nusage: profile-gateway ${name}\\b`),
    );
    expect(stderr).not.toContain('exit codes');
  });

  test('options without a subcommand are those of serve', async () => {
    const { code, stderr } = await gateway(['--unknown']);
    expect(code).toBe(64);
    expect(stderr).toContain('\nusage: profile-gateway serve ');
    expect(await gateway(['--config', 'missing.yaml'])).toMatchObject({ code: 78 });
  });
});

test('an uncaught error is 70, with its place and without its message', async () => {
  const { code, stderr, stdout } = await gateway(
    ['keygen'],
    `import crypto from 'node:crypto';
     import { syncBuiltinESMExports } from 'node:module';
     crypto.randomBytes = () => { throw new TypeError(['a', 'secret'].join('-')); };
     syncBuiltinESMExports();`,
  );
  expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
  expect(stderr).toMatch(/^uncaught error: TypeError at .*keygen\.ts/);
  expect(stderr).not.toContain('a-secret');
});

test('a subcommand loads no other', async () => {
  const { stdout } = await gateway(
    ['--version'],
    `import { registerHooks } from 'node:module';
     const loaded = [];
     registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
     process.on('exit', () => console.log(JSON.stringify(loaded)));`,
  );
  const urls: string[] = JSON.parse(stdout.split('\n')[1] ?? '');
  const files = urls.flatMap((url) => url.split('/src/')[1] ?? []);
  expect(files.toSorted()).toEqual([
    'node/cli/arguments.ts',
    'node/cli/begin.ts',
    'node/cli/main.ts',
    'node/cli/run-subcommand.ts',
    'node/cli/v8-flags.ts',
    'node/command-line.ts',
    'node/error-place.ts',
    'node/reload-signal.ts',
    'node/version.ts',
  ]);
  expect(urls.filter((url) => url.includes('/node_modules/'))).toEqual([]);
});

test('sandbox lists what it serves as JSON', async () => {
  const child = node([CLI, 'sandbox', '--port', '0', '--json']);
  const [line] = await child.says(/^\{.*\}$/m);
  const { sandboxes } = JSON.parse(line);
  expect(sandboxes.length).toBeGreaterThanOrEqual(4);
  for (const { name, url } of sandboxes) expect(url).toMatch(new RegExp(`^http://.*/${name}$`));
  expect(await end(child)).toBe(0);
});
