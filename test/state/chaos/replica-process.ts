import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { GatewayProcessOptions, Order } from './gateway-process.ts';

const ENTRY = fileURLToPath(new URL('gateway-process.ts', import.meta.url));

type Said = {
  readonly origin?: string;
  readonly event?: { readonly kind: string };
  readonly halted?: boolean;
};

/** A gateway process that is started again after it was killed. */
export type ReplicaProcess = {
  /** Undefined while it is down. */
  readonly origin: () => string | undefined;
  readonly start: () => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly freeze: (ms: number) => void;
  /** Kills it, and resolves once nothing of it runs any more. */
  readonly kill: () => Promise<void>;
  readonly events: readonly { readonly kind: string }[];
};

export function createReplicaProcess(
  options: GatewayProcessOptions,
  onHalt: () => void = () => {},
): ReplicaProcess {
  const events: { kind: string }[] = [];
  let child: ChildProcess | undefined;
  let origin: string | undefined;
  return {
    origin: () => origin,
    start: async () => {
      const started = fork(ENTRY, [JSON.stringify(options)], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child = started;
      await new Promise<void>((resolve, reject) => {
        started.on('message', (said: Said) => {
          if (said.event !== undefined) events.push(said.event);
          if (said.halted === true) onHalt();
          if (said.origin === undefined) return;
          origin = said.origin;
          resolve();
        });
        started.once('exit', () => reject(new Error('a gateway ended before it listened')));
      });
    },
    signal: (signal) => void child?.kill(signal),
    freeze: (freezeMs) => void child?.send({ freezeMs } satisfies Order),
    kill: async () => {
      const killed = child;
      origin = undefined;
      child = undefined;
      if (killed === undefined || killed.exitCode !== null) return;
      const exited = once(killed, 'exit');
      killed.kill('SIGKILL');
      await exited;
    },
    events,
  };
}
