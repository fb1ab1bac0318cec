import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WORKER_CALM_MS, WORKER_RESTART_MS, WORKER_RESTART_MS_MAX } from '../../limits.ts';
import type { LogRecord } from '../../telemetry/log.ts';
import { followReloads } from '../reload-signal.ts';
import type { Channel } from './channel.ts';
import { createKeyShare } from './key-share.ts';
import { SESSION_KEY_BYTES, servingSchema } from './messages.ts';
import { createMetricsOfAll } from './metrics-of-all.ts';
import { createPlaces } from './places.ts';
import { createReloads } from './reload-of-all.ts';
import { killWhenSilent } from './silent-worker.ts';
import { createStop, exitCodeOf, type StopOfAll } from './stop-of-all.ts';
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
export async function runPrimary(options: PrimaryOptions): Promise<void> {
  const { flush, log, workers } = options;
  const running = new Set<WorkerProcess>();
  const stop = createStop(running, log);
  process.on('SIGTERM', () => stop.ask(false));
  process.on('SIGINT', () => stop.ask(true));
  const { reload, start } = createStarts(options, running, stop);

  /** Keeps one worker running until the process stops; the code that it then ends with. */
  const keep = async (first?: WorkerProcess): Promise<number> => {
    // Else the others would start only to be stopped.
    if (first === undefined && stop.isAsked()) return 0;
    let worker = first ?? start(() => {});
    for (let failures = 0; ; failures += 1) {
      const startMs = performance.now();
      const end = await worker.ended;
      if (stop.isAsked()) return exitCodeOf(end);
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
    process.exit(exitCodeOf(begun));
  }
  followReloads(() => void reload());
  const others = Array.from({ length: workers - 1 }, () => keep());
  const codes = await Promise.all([keep(first), ...others]);
  await flush();
  process.exit(Math.max(...codes));
}

/** Creates the starts of workers, with all that they share by way of this process. */
function createStarts({ log, pass }: PrimaryOptions, running: Set<WorkerProcess>, stop: StopOfAll) {
  const serving = new Set<WorkerProcess>();
  const channels = () => [...serving].map(({ channel }) => channel);
  const metrics = createMetricsOfAll(channels);
  const reloads = createReloads(channels);
  const keys = createKeyShare(channels);
  const places = createPlaces();
  const sessionKey = randomBytes(SESSION_KEY_BYTES).toString('base64url');

  const start = (onServing: () => void): WorkerProcess => {
    const handlers = new Map<string, (body: unknown) => unknown>([
      [
        'joined',
        () => {
          stop.include(worker.channel);
          void killWhenSilent(worker, () => log(silent(worker)));
        },
      ],
      ['places', (body) => places.accept(body, worker.channel)],
      ['changed', () => void reloads.onChange()],
      ['exposition', metrics.exposition],
      ...(['targets', 'failures', 'stats'] as const).map((kind) => askAllOf(kind, channels)),
      ['session_key', () => sessionKey],
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
      places.forget(worker.channel);
      stop.forget(worker.channel);
      void metrics.forget(worker.channel);
    });
    return worker;
  };
  return { start, reload: reloads.run };
}

/** Makes the handler of a question that every worker answers for itself. */
function askAllOf(
  kind: string,
  channels: () => readonly Channel[],
): [string, (body: unknown) => Promise<unknown[]>] {
  return [kind, (body) => Promise.all(channels().map(({ ask }) => ask(kind, body)))];
}

function silent({ pid }: WorkerProcess): LogRecord {
  const message = `worker ${pid} does not answer any more, and is killed`;
  return { level: 'error', event: 'worker_silent', message };
}
