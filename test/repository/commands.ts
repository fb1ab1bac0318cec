import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, ROOT, shell } from '../support/child.ts';

/** A folder of one test. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'gateway-docs-'));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs `check` on a file. */
export function check(file: string, env: Environment): Child {
  return shell(`npm run -s gateway -- check '${file}'`, { env });
}

/** Values of all variables that a configuration refers to, each of which `check` accepts. */
export function valuesFor(configuration: string): Record<string, string> {
  const names = [...configuration.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  const valueFor = (name: string): string =>
    name === 'STATE_URL' ? 'postgres://gateway:secret@127.0.0.1/state' : `value-of-${name}`;
  return Object.fromEntries(names.toSorted().map((name) => [name, valueFor(name)]));
}

/** Values of every variable that `gateway.example.yaml` and the documents refer to. */
export const SECRETS = {
  SENLIN_PASSWORD: 'not-a-password-1',
  NERM_TOKEN: 'not-a-token-of-nerm',
  IAM_PASSWORD: 'not-a-password-2',
  NCP_ACCESS_KEY: 'NOTANACCESSKEY',
  NCP_SECRET_KEY: 'not-a-secret-key',
  HR_PORTAL_KEY: 'not-a-key-of-the-portal',
} as const;

/** A folder with the files that commands name, and what they are run with. */
export type Bench = {
  readonly folder: string;
  readonly env: Environment;
  /** A command as it is run here: with the files of the folder, and any free port. */
  readonly runnable: (line: string) => string;
  readonly remove: () => void;
};

export function createBench(): Bench {
  const { path: folder, remove } = temporaryFolder();
  const [configuration, patch] = [join(folder, 'gateway.yaml'), join(folder, 'patch.json')];
  writeFileSync(configuration, readFileSync(join(ROOT, 'gateway.example.yaml')));
  writeFileSync(patch, '{"name":"explained"}');
  // What a terminal would show, with the status behind it, and past any proxy.
  const status = String.raw`write-out = "\n%{http_code}"`;
  const curlrc = ['silent', 'show-error', 'noproxy = "*"', status];
  writeFileSync(join(folder, '.curlrc'), curlrc.join('\n'));
  return {
    folder,
    env: { ...SECRETS, CURL_HOME: folder, WRANGLER_SEND_METRICS: 'false' },
    runnable: (line) =>
      line
        .replace(/(?<=\s)gateway\.yaml(?=\s|$)/, configuration)
        .replace(/(?<=\s)patch\.json(?=\s|$)/, patch)
        .replace(/--port \d+/, '--port 0')
        .replace(/\bnpm run (?!-s)/, 'npm run -s '),
    remove,
  };
}
