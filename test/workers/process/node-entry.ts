import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { CLI } from '../../support/child.ts';
import { CALLER_KEY, configurationFor, ROOT, type RunningSandboxes } from './worker.ts';

export type RunningNode = { readonly origin: string; readonly stop: () => Promise<void> };

/** The gateway's process on Node in front of sandboxes, by the configuration the Worker gets. */
export function startNodeBefore(sandboxes: RunningSandboxes): Promise<RunningNode> {
  return startNode(configurationFor(sandboxes));
}

/** The gateway's process on Node by `configuration`. */
export async function startNode(configuration: JsonObject): Promise<RunningNode> {
  const folder = mkdtempSync(join(tmpdir(), 'profile-gateway-node-'));
  const file = join(folder, 'gateway.json');
  writeFileSync(file, JSON.stringify(configuration));
  const child = spawn(process.execPath, [CLI, '--config', file, '--port', '0'], {
    cwd: ROOT,
    env: { ...process.env, PORTAL_KEY: CALLER_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /"event":"listening","message":"([^"]+)"/.exec(line)?.[1];
    if (origin === undefined) continue;
    // What is logged later must not fill the pipe.
    child.stdout.resume();
    return { origin, stop };
  }
  await stop();
  throw new Error('the process ended before it listened');
}
