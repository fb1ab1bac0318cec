import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { ROOT, workerConfig } from './worker.ts';

export type Workerd = {
  /** Ends with each start: the port is another one then. */
  readonly origin: () => string;
  /**
   * Kills the process in the middle of whatever it does, and starts it on the same storage;
   * `whileDown` gets the files of that, those of SQLite among them.
   */
  readonly restart: (whileDown?: (files: readonly string[]) => void) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const { default: workerd }: { readonly default: string } = createRequire(import.meta.url)(
  'workerd',
);

/**
 * The Worker in workerd alone. Its requests leave by workerd's own client, where wrangler's harness
 * sends them through Node's `fetch`, which follows redirects and decodes by its own rules.
 */
export async function startWorkerd(bindings: Readonly<Record<string, string>>): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), 'profile-gateway-workerd-'));
  await build({
    entryPoints: [join(ROOT, 'src/workers/main.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['cloudflare:*'],
    outfile: join(folder, 'main.js'),
  });
  mkdirSync(join(folder, 'objects'));
  writeFileSync(join(folder, 'config.capnp'), configText(bindings));
  let process = await startProcess(folder);
  return {
    origin: () => process.origin,
    restart: async (whileDown) => {
      await process.kill();
      const names = readdirSync(join(folder, 'objects'), { recursive: true, encoding: 'utf8' });
      const files = names.map((name) => join(folder, 'objects', name));
      whileDown?.(files.filter((file) => statSync(file).isFile()));
      process = await startProcess(folder);
    },
    stop: async () => {
      await process.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

async function startProcess(folder: string) {
  const child = spawn(workerd, ['serve', 'config.capnp', '--control-fd=1'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /"event":"listen".*"port":(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    // What is logged later must not fill the pipe.
    child.stdout.resume();
    return { origin: `http://127.0.0.1:${port}`, kill };
  }
  await kill();
  throw new Error('workerd ended before it listened');
}

function configText(bindings: Readonly<Record<string, string>>): string {
  const { compatibility_date: date, compatibility_flags: flags = [] } = workerConfig({});
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)}),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .gateway),
    (name = "objects", disk = (path = "objects", writable = true)),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const gateway :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js")],
  compatibilityDate = ${JSON.stringify(date)},
  compatibilityFlags = ${JSON.stringify(flags)},
  bindings = [
    ${texts.join('\n    ')}
    (name = "PROFILE_WRITER", durableObjectNamespace = "ProfileWriter"),
  ],
  durableObjectNamespaces = [
    (className = "ProfileWriter", uniqueKey = "profile-writer", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}
