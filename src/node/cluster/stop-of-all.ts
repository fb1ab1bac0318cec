import { WORKER_STOP_MS_MAX } from '../../limits.ts';
import type { LogRecord } from '../../telemetry/log.ts';
import { EXIT } from '../command-line.ts';
import type { Channel } from './channel.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The end of all workers. */
export type StopOfAll = {
  /** Asks every worker to stop; the second time without their delay. */
  readonly ask: (isAtOnce: boolean) => void;
  readonly isAsked: () => boolean;
  /** Resolves once it is asked for. */
  readonly asked: Promise<void>;
  /** Passes the wish on to a worker from now on, and at once where there is one already. */
  readonly include: (channel: Channel) => void;
  /** Forgets a worker that has ended. */
  readonly forget: (channel: Channel) => void;
};

/**
 * Creates the end of the workers in `running`, which kills those that have not ended after
 * `WORKER_STOP_MS_MAX`. Each wish is sent once to each worker, since a second one means haste, and
 * only to workers that are included: what is sent to one that does not listen yet is lost.
 */
export function createStop(
  running: ReadonlySet<Pick<WorkerProcess, 'kill'>>,
  log: (record: LogRecord) => void,
): StopOfAll {
  const listening = new Set<Channel>();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let wish: { readonly isAtOnce: boolean } | undefined;
  const killSoon = (): void => {
    setTimeout(() => {
      const message = `${running.size} workers had not ended`;
      log({ level: 'error', event: 'shutdown_forced', message });
      for (const { kill } of running) kill();
    }, WORKER_STOP_MS_MAX).unref();
  };
  return {
    ask: (isAtOnce) => {
      if (wish === undefined) killSoon();
      wish = { isAtOnce: isAtOnce || wish !== undefined };
      for (const { post } of listening) post('stop', wish);
      resolve();
    },
    isAsked: () => wish !== undefined,
    asked,
    include: (channel) => {
      listening.add(channel);
      if (wish !== undefined) channel.post('stop', wish);
    },
    forget: (channel) => void listening.delete(channel),
  };
}

/**
 * Returns the exit code that stands for how a worker has ended which no other follows. A signal to
 * all processes ends those that do not listen yet: they had begun nothing.
 */
export function exitCodeOf(end: number | string): number {
  if (typeof end === 'number') return end;
  return end === 'SIGTERM' || end === 'SIGINT' ? 0 : EXIT.software;
}
