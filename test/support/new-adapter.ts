import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run new-adapter -- NAME`: a vendor's folder from the template, and what it lacks. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEMPLATE = join(ROOT, 'test/support/adapter-template');
const NAME = /^[a-z][a-z0-9-]*$/;

const USAGE =
  'usage: npm run new-adapter -- NAME\n  NAME is the name of the vendor: [a-z][a-z0-9-]*';
const EXIT_USAGE = 64;

const [name = '', ...rest] = process.argv.slice(2);
if (rest.length > 0 || !NAME.test(name)) stop(USAGE);
const folder = join(ROOT, 'adapters', name);
if (existsSync(folder)) stop(`adapters/${name} exists`);
const naming = sourcesNaming(name);
if (naming.length > 0) {
  stop(`"${name}" is a word of ${naming[0]}, but src/ names no vendor: choose another name`);
}

cpSync(TEMPLATE, folder, { recursive: true });
mkdirSync(join(folder, 'fixtures'));
for (const file of filesOf(folder)) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, inPlace(text).replace(/(?<=['/]|^# )template(?=['\n])/gm, name));
}
console.log(`adapters/${name} is made from the template.`);
generate('registry');
generate('generated');
console.log('The lists of adapters and the documents are generated again.\n');
console.log(missing(name).join('\n'));
console.log('\nSee docs/adapters.md. List the steps again:');
console.log('  npx vitest run --project node test/conformance/missing.test.ts');

function stop(problem: string): never {
  console.error(problem);
  process.exit(EXIT_USAGE);
}

/** Files of `src/` in which the name is a word. */
function sourcesNaming(word: string): string[] {
  const named = new RegExp(`\\b${word}\\b`, 'i');
  const files = filesOf(join(ROOT, 'src')).filter((file) => named.test(readFileSync(file, 'utf8')));
  return files.map((file) => file.slice(ROOT.length));
}

function filesOf(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Imports as they are from a folder below `adapters/`, one level higher than the template. */
function inPlace(text: string): string {
  return text
    .replace(/'\.\.\/((?:\.\.\/)+src\/)/g, "'$1")
    .replace(/'(?:\.\.\/)+adapters\//g, "'../../");
}

/** Both are run by `npm run generate`; here the lists come first, which the second imports. */
function generate(test: 'generated' | 'registry'): void {
  const { status, stderr, stdout } = vitest([`test/repository/${test}.test.ts`, '--update']);
  if (status !== 0) stop(stdout + stderr);
}

function vitest(options: readonly string[]) {
  const program = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const all = [program, 'run', '--project', 'node', ...options];
  return spawnSync(process.execPath, all, { cwd: ROOT, encoding: 'utf8' });
}

/** The steps that the conformance run lists. */
function missing(vendor: string): string[] {
  const report = mkdtempSync(join(tmpdir(), 'new-adapter-'));
  const options = ['test/conformance/missing.test.ts', '-t', `${vendor} lacks`];
  vitest([...options, '--reporter=json', `--outputFile=${join(report, 'report.json')}`]);
  const { testResults } = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'));
  rmSync(report, { recursive: true });
  const tests = testResults.flatMap(
    (file: { assertionResults: object[] }) => file.assertionResults,
  );
  const messages: string[] = tests.flatMap(
    (one: { failureMessages: string[] }) => one.failureMessages,
  );
  const lines = messages.flatMap((message) => message.split('\n'));
  return lines
    .filter((line) => !/^\s+at /.test(line))
    .map((line) => line.replace(/^(?:\w*Error): /, ''));
}
