import cluster from 'node:cluster';
import { LOG_LINE_BYTES_MAX } from '../../limits.ts';
import { LINE_END } from '../telemetry/log-output.ts';
import { type Channel, type Handlers, openChannel } from './channel.ts';

/** A worker as its primary sees it. */
export type WorkerProcess = {
  readonly pid: number;
  readonly channel: Channel;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly kill: () => void;
};

/**
 * Starts this program once more, as a worker. What it logs goes to `onLines` in whole lines, since
 * processes that write to one pipe cut each other's lines.
 */
export function forkWorker(
  handlers: Handlers,
  onLines: (lines: Uint8Array) => void,
): WorkerProcess {
  // By the other policy the primary hands connections over: one that is on its way to a worker that
  // is killed then stays open for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const worker = cluster.fork();
  const { process: child } = worker;
  const channel = openChannel((message) => {
    if (worker.isConnected()) worker.send(message, () => {});
  }, handlers);
  worker.on('message', (message) => channel.take(message));
  worker.on('error', () => {});
  const lines = wholeLines(onLines);
  child.stdout?.on('data', lines.take);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      lines.end();
      channel.close();
      resolve(code ?? signal ?? 'unknown');
    });
  });
  return { pid: child.pid ?? 0, channel, ended, kill: () => void child.kill('SIGKILL') };
}

/** Cuts a stream of bytes at the ends of its lines. */
function wholeLines(onLines: (lines: Uint8Array) => void) {
  let rest: Buffer = Buffer.alloc(0);
  return {
    take: (chunk: Buffer): void => {
      const end = chunk.lastIndexOf(LINE_END) + 1;
      if (end > 0) onLines(Buffer.concat([rest, chunk.subarray(0, end)]));
      rest = end > 0 ? Buffer.from(chunk.subarray(end)) : Buffer.concat([rest, chunk]);
      if (rest.length > LOG_LINE_BYTES_MAX) rest = Buffer.alloc(0);
    },
    /** A worker that was killed may have ended in the middle of a line. */
    end: (): void => {
      if (rest.length > 0) onLines(Buffer.concat([rest, Buffer.of(LINE_END)]));
    },
  };
}
