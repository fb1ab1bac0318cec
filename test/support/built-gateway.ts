import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'node_modules/.cache/built-gateway');
const SOURCES = ['package.json', 'package-lock.json', 'src', 'adapters', 'node_modules'];
const INPUTS = ['package*.json', 'src/**/*', 'adapters/**/*.ts'];

/**
 * Builds the gateway as it is packed, for all tests that start its process: it starts in half the
 * processor time of its sources. Runs once before all tests, and does nothing while the last build
 * is newer than what it is made of.
 */
export default function build(): void {
  const entry = join(FOLDER, 'dist/gateway.js');
  if (!isNewer(entry)) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    // The command of the package writes below the folder where it runs.
    for (const name of SOURCES) symlinkSync(join(ROOT, name), join(FOLDER, name));
    const { npm_execpath: npm = 'npm' } = process.env;
    const command = npm.endsWith('.js') ? [process.execPath, npm] : [npm];
    const [program = 'npm', ...args] = [...command, 'run', '--silent', 'build:gateway'];
    execFileSync(program, args, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  process.env.BUILT_GATEWAY = entry;
}

function isNewer(entry: string): boolean {
  const made = statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return globSync(INPUTS, { cwd: ROOT }).every((path) => statSync(join(ROOT, path)).mtimeMs < made);
}
