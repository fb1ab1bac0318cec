import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLI_SOURCE } from '../../support/child.ts';
import type { Release } from './versions.ts';

/** A gateway at a port of its own, whichever release it runs from. */
export type Replica = {
  readonly port: number;
  /** Starts a release; resolves once `/readyz` is 200. */
  readonly start: (release: Release) => Promise<void>;
  /** Sends SIGTERM; resolves once `/readyz` is another status than 200. */
  readonly leave: () => Promise<void>;
  /** Resolves with its exit code, once it has ended. */
  readonly ended: () => Promise<number>;
  readonly kill: () => void;
  readonly log: () => string;
};

/** Longest time in which a gateway is ready, or says that it is not any more. */
const CHANGE_MS_MAX = 60_000;
/** Interval of the look at `/readyz`; load balancers look each second or two. */
const LOOK_MS = 50;

export function createReplica(configuration: string, port: number): Replica {
  let child: ChildProcess | undefined;
  let log = '';
  const isReady = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.status === 200;
  };
  const until = async (wanted: boolean): Promise<void> => {
    const endMs = performance.now() + CHANGE_MS_MAX;
    while ((await isReady()) !== wanted) {
      if (performance.now() > endMs || child?.exitCode !== null) throw new Error(log);
      await sleep(LOOK_MS);
    }
  };
  return {
    port,
    start: async ({ folder }) => {
      const args = [
        join(folder, CLI_SOURCE),
        'serve',
        '--config',
        configuration,
        '--port',
        `${port}`,
      ];
      child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const output of [child.stdout, child.stderr]) {
        output?.on('data', (text) => {
          log += String(text);
        });
      }
      await until(true);
    },
    leave: async () => {
      child?.kill('SIGTERM');
      await until(false);
    },
    ended: async () => {
      if (child === undefined) return 0;
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode ?? -1;
    },
    kill: () => void child?.kill('SIGKILL'),
    log: () => log,
  };
}
