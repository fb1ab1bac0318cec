import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type SandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { CLI, LISTENING, ROOT } from '../child.ts';

export type ReplicaProcess = {
  /** Resolves as soon as it listens; never, where it ends before. */
  readonly origin: Promise<string>;
  /** Ends it, with the requests that are under way. */
  readonly stop: () => Promise<void>;
};

export type ReplicaOptions = {
  readonly name: string;
  readonly configuration: string;
  /** 0: any free one. */
  readonly port: number;
  readonly stateUrl: string;
  /** Called where it ends though nobody stopped it. */
  readonly onEnd: () => void;
};

const HASH_KEY = randomBytes(32).toString('hex');
/** Longer than a gateway waits for requests under way. */
const STOP_MS_MAX = 45_000;

/** Starts a gateway, whose log goes to the standard output with its name in front. */
export function startReplica(options: ReplicaOptions): ReplicaProcess {
  const { configuration, name, onEnd, port, stateUrl } = options;
  const args = ['serve', '--config', configuration, '--port', String(port)];
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    env: { ...process.env, STATE_URL: stateUrl, STATE_HASH_KEY: HASH_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const origin = Promise.withResolvers<string>();
  createInterface(child.stdout).on('line', (line) => {
    const [, found] = LISTENING.exec(line) ?? [];
    if (found !== undefined) origin.resolve(found);
    // The credentials in its configuration are no secrets: warnings of them only distract.
    if (!line.includes('"event":"configuration"')) process.stdout.write(`${name}: ${line}\n`);
  });
  let isStopped = false;
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => {
    origin.resolve('');
    if (!isStopped) onEnd();
  });
  const stop = async (): Promise<void> => {
    isStopped = true;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(late);
  };
  return { origin: origin.promise, stop };
}

/** Writes the configuration that all gateways have, for as long as they run. */
export function writeConfiguration(set: SandboxSet, vendors: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const path = join(folder, 'gateway.json');
  const document = {
    ...sandboxConfiguration(set, vendors),
    listen: { drainDelayMs: 0 },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The gateway replaces them.
    state: { url: '${STATE_URL}', hashKey: '${STATE_HASH_KEY}' },
  };
  writeFileSync(path, JSON.stringify(document));
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}
