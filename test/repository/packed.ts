import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/child.ts';

const execute = promisify(execFile);
export const PACKED_MS_MAX = 60_000;
const SOURCES = ['package.json', 'README.md', 'src', 'adapters'];
const CONFIGURATIONS = ['tsconfig.json', 'tsconfig.types.json'];

/**
 * Packs the repository, and installs it in an empty project of ES modules; returns the files of the
 * package. It builds a copy in `folder`: others read the repository's own `dist` at the same time.
 */
export async function installPacked(folder: string, project: string): Promise<string[]> {
  const copy = join(folder, 'copy');
  for (const name of [...SOURCES, ...CONFIGURATIONS]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  const pack = ['pack', '--json', '--offline', '--foreground-scripts=false'];
  const { stdout } = await execute('npm', pack, { cwd: copy, env });
  const [{ filename, files }] = JSON.parse(stdout);
  const installed = join(project, 'node_modules', 'profile-gateway');
  mkdirSync(installed, { recursive: true });
  const archive = join(copy, filename);
  await execute('tar', ['-xzf', archive, '--strip-components=1', '-C', installed]);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  return files.map(({ path }: { path: string }) => path);
}
