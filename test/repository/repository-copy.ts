import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Child, ROOT, shell } from '../support/child.ts';
import { temporaryFolder } from './commands.ts';
import { files } from './documents.ts';

/** A copy of the repository that a test may change. */
export type RepositoryCopy = {
  readonly path: string;
  /** Runs a line in the copy. */
  readonly run: (line: string, env?: Readonly<Record<string, string>>) => Child;
  readonly remove: () => void;
};

export function copyRepository(): RepositoryCopy {
  const { path, remove } = temporaryFolder();
  for (const file of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    cpSync(join(ROOT, file), join(path, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return { path, remove, run: (line, env = {}) => shell(`cd '${path}' && ${line}`, { env }) };
}
