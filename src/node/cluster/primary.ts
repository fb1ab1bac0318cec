import { setTimeout as delay } from 'node:timers/promises';
import {
  WORKER_CALM_MS,
  WORKER_RESTART_MS,
  WORKER_RESTART_MS_MAX,
  WORKER_STOP_MS_MAX,
} from '../../limits.ts';
import type { LogRecord } from '../../telemetry/log.ts';
import { EXIT } from '../command-line.ts';
import { followReloads } from '../reload-signal.ts';
import { createKeyShare } from './key-share.ts';
import { servingSchema } from './messages.ts';
import { createMetricsOfAll } from './metrics-of-all.ts';
import { createReloads } from './reload-of-all.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

export type PrimaryOptions = {
  readonly workers: number;
  readonly log: (record: LogRecord) => void;
  /** Writes whole lines of a worker. */
  readonly pass: (lines: Uint8Array) => void;
  readonly flush: () => Promise<unknown>;
};

/**
 * Runs workers that serve the same addresses until a signal stops them all. One that ends by itself
 * is started again, after a rest that doubles each time; but where the first one cannot start, the
 * process ends with its exit code. Only this process takes signals, since a terminal or a service
 * manager may send one to each of them.
 */
export async function runPrimary({ flush, log, pass, workers }: PrimaryOptions): Promise<void> {
  const serving = new Set<WorkerProcess>();
  const running = new Set<WorkerProcess>();
  const channels = () => [...serving].map(({ channel }) => channel);
  const metrics = createMetricsOfAll(channels);
  const reloads = createReloads(channels);
  const keys = createKeyShare(channels);
  const stop = createStop(running, log);

  const start = (onServing: () => void): WorkerProcess => {
    const handlers = new Map<string, (body: unknown) => unknown>([
      ['changed', () => void reloads.onChange()],
      ['exposition', metrics.exposition],
      ['targets', () => Promise.all(channels().map(({ ask }) => ask('targets')))],
      ['keys', (body) => keys.take(body, worker.channel)],
      [
        'serving',
        (body) => {
          serving.add(worker);
          keys.giveTo(worker.channel);
          reloads.compare(servingSchema.parse(body).version);
          onServing();
        },
      ],
    ]);
    const worker = forkWorker(handlers, pass);
    running.add(worker);
    void worker.ended.then(() => {
      running.delete(worker);
      serving.delete(worker);
      void metrics.forget(worker.channel);
    });
    return worker;
  };
  /** Keeps one worker running until the process stops; the code that it then ends with. */
  const keep = async (first?: WorkerProcess): Promise<number> => {
    let worker = first ?? start(() => {});
    for (let failures = 0; ; failures += 1) {
      const startMs = performance.now();
      const end = await worker.ended;
      if (stop.isAsked()) return typeof end === 'number' ? end : EXIT.software;
      if (performance.now() - startMs > WORKER_CALM_MS) failures = 0;
      const message = `worker ${worker.pid} has ended (${end}), another one follows`;
      log({ level: 'error', event: 'worker_ended', message });
      const restMs = Math.min(WORKER_RESTART_MS * 2 ** failures, WORKER_RESTART_MS_MAX);
      await Promise.race([delay(restMs), stop.asked]);
      if (stop.isAsked()) return 0;
      worker = start(() => {});
    }
  };

  const isServing = Promise.withResolvers<true>();
  const first = start(() => isServing.resolve(true));
  const begun = await Promise.race([isServing.promise, first.ended]);
  if (begun !== true) {
    await flush();
    process.exit(typeof begun === 'number' ? begun : EXIT.software);
  }
  followReloads(() => void reloads.run());
  const others = Array.from({ length: workers - 1 }, () => keep());
  const codes = await Promise.all([keep(first), ...others]);
  await flush();
  process.exit(Math.max(...codes));
}

/** Passes the wish to stop on to all workers; the second signal leaves out their delay. */
function createStop(running: ReadonlySet<WorkerProcess>, log: PrimaryOptions['log']) {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let isAsked = false;
  const stop = (isAtOnce: boolean): void => {
    for (const { channel } of running) channel.post('stop', { isAtOnce: isAsked || isAtOnce });
    if (isAsked) return;
    isAsked = true;
    resolve();
    setTimeout(() => {
      const message = `${running.size} workers had not ended`;
      log({ level: 'error', event: 'shutdown_forced', message });
      for (const { kill } of running) kill();
    }, WORKER_STOP_MS_MAX).unref();
  };
  process.on('SIGTERM', () => stop(false));
  process.on('SIGINT', () => stop(true));
  return { asked, isAsked: () => isAsked };
}
