import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILDS = join(ROOT, 'node_modules/.cache/built-gateway');
const SOURCES = ['package.json', 'package-lock.json', 'src', 'adapters', 'node_modules'];
const INPUTS = ['package*.json', 'src/**/*', 'adapters/**/*'];
/** Others may run tests with an earlier build. */
const KEPT_MS = 3_600_000;

/**
 * Builds the gateway as it is packed, for all tests that start its process: it starts in half the
 * processor time of its sources. Runs once before all tests, and does nothing where these sources
 * were built before. Tests start the sources where they cannot be built.
 */
export default function build(): void {
  const folder = join(BUILDS, nameOfSources());
  try {
    if (!existsSync(folder)) buildInto(folder);
    const now = new Date();
    utimesSync(folder, now, now);
    process.env.BUILT_GATEWAY = join(folder, 'dist/gateway.js');
  } catch (error) {
    process.stderr.write(`Tests start the sources of the gateway, not a build: ${String(error)}\n`);
  }
}

/** Names these sources by their paths and the moments of their last changes. */
function nameOfSources(): string {
  const paths = globSync(INPUTS, { cwd: ROOT }).toSorted();
  const lines = paths.map((path) => `${path} ${statSync(join(ROOT, path)).mtimeMs}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}

/** Others, who build the same, see all of it or nothing. */
function buildInto(folder: string): void {
  const own = `${folder}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  try {
    // The command of the package writes below the folder where it runs.
    for (const name of SOURCES) symlinkSync(join(ROOT, name), join(own, name));
    const { npm_execpath: npm = 'npm' } = process.env;
    const command = npm.endsWith('.js') ? [process.execPath, npm] : [npm];
    const [program = 'npm', ...args] = [...command, 'run', '--silent', 'build:gateway'];
    execFileSync(program, args, { cwd: own, stdio: ['ignore', 'ignore', 'inherit'] });
    if (!existsSync(folder)) renameSync(own, folder);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  for (const name of readdirSync(BUILDS)) {
    const other = join(BUILDS, name);
    const ageMs = Date.now() - (statSync(other, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > KEPT_MS) rmSync(other, { recursive: true, force: true });
  }
}
