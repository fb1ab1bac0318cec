import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { ROOT } from '../support/child.ts';
import { type ProcessUsage, usageOf } from '../support/process-usage.ts';
import { OTHERS_CORE, pinned, SUBJECT_CORE } from './cores.ts';

/** A server under measurement, in a process of its own. */
export type Subject = {
  readonly origin: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
} & ProcessUsage;

export type Start = {
  /** What follows `node`. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly port: number;
  /** Absent: that of whoever is measured. */
  readonly cores?: string | undefined;
  /** Where the pipe may stand that takes its output, as a container's runtime would. */
  readonly output: string;
};

const START_MS_MAX = 60_000;

/** Starts a program of Node on a core of its own, and waits until it listens. */
export async function startSubject({
  args,
  cores,
  environment = {},
  output,
  port,
}: Start): Promise<Subject> {
  const [command, all] = pinned(cores ?? SUBJECT_CORE, process.execPath, args);
  const drain = openDrain(output);
  const child = spawn(command, all, {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', ...environment, PORT: String(port) },
    stdio: ['ignore', drain, 'inherit'],
  });
  closeSync(drain);
  const ended = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  await listening(origin, () => child.exitCode !== null);
  return {
    origin,
    pid: child.pid ?? 0,
    ...usageOf(child.pid),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The writing end of a pipe whose reader runs on the other core and throws everything away. */
function openDrain(path: string): number {
  spawnSync('mkfifo', [path]);
  const [command, args] = pinned(OTHERS_CORE, 'cat', [path]);
  spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).unref();
  return openSync(path, 'w');
}

async function listening(origin: string, hasEnded: () => boolean): Promise<void> {
  for (const endMs = Date.now() + START_MS_MAX; Date.now() < endMs; ) {
    if (hasEnded()) break;
    const answered = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answered !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${origin}`);
}
