import type { LogRecord } from '../telemetry/log.ts';
import { EXIT, stop } from './command-line.ts';
import { codeOf, placeOf } from './error-place.ts';
import type { Answer } from './http-server/request-framing.ts';
import { type Listening, type ListenOptions, listen } from './http-server/server.ts';

/** Longest wait for requests in flight once nothing new is taken. */
export const DRAIN_MS = 35_000;

export type ShutdownOptions = {
  /** Time for which requests are still accepted after SIGTERM, until no more are routed here. */
  readonly drainDelayMs: () => number;
  readonly log?: (record: LogRecord) => void;
  /** After the last answer; the process ends once it is done. */
  readonly onEnd?: () => Promise<unknown>;
  /** For each server. */
  readonly listenOptions?: ListenOptions;
  /** Has `stop` called when the process is to stop; absent: SIGTERM and SIGINT do. */
  readonly onStop?: ((stop: (isAtOnce: boolean) => void) => void) | undefined;
};

export type Shutdown = {
  /** From the first word to stop on. */
  readonly isDraining: () => boolean;
  /** Listens until the process ends. An address that cannot be had ends the process with words. */
  readonly serve: (fetch: Answer, host: string, port: number) => Promise<Listening>;
};

/**
 * The end of the process. SIGTERM: it says that it is stopping, takes requests for `drainDelayMs`
 * more, then no new ones, and exits with 0 once all that is in flight is done, whether its callers
 * are still there or not. SIGINT, and a second signal, leave the delay out. An uncaught error does
 * the same and exits with another code. What has not ended after `DRAIN_MS` is cut, and logged.
 */
export function createShutdown({
  drainDelayMs,
  listenOptions,
  log = () => {},
  onEnd,
  onStop = followSignals,
}: ShutdownOptions): Shutdown {
  const servers: Listening[] = [];
  const work = createWork();
  let draining = false;
  let code = 0;
  let skipDelay = (): void => {};

  const end = async (): Promise<void> => {
    await onEnd?.();
    process.exit(code);
  };
  const forceExit = (): void => {
    const left = work.count();
    if (left > 0) {
      code = EXIT.software;
      log({ level: 'error', event: 'shutdown_forced', message: `${left} requests had not ended` });
    }
    void end();
  };
  const drain = async (delayMs: number): Promise<void> => {
    draining = true;
    log({ level: 'info', event: 'stopping' });
    if (delayMs > 0) {
      await new Promise<void>((resolve) => {
        skipDelay = resolve;
        setTimeout(resolve, delayMs);
      });
    }
    setTimeout(forceExit, DRAIN_MS);
    const done = work.done();
    await Promise.all([...servers.map((server) => server.drain(done)), done]);
    await end();
  };
  const onSignal = (delayMs: number): void => {
    if (draining) skipDelay();
    else void drain(delayMs);
  };
  const begin = (): void => {
    onStop((isAtOnce) => onSignal(isAtOnce ? 0 : drainDelayMs()));
    process.on('uncaughtException', (error) => {
      code = EXIT.software;
      log({ level: 'error', event: 'uncaught_exception', message: placeOf(error) });
      onSignal(0);
    });
  };

  return {
    isDraining: () => draining,
    serve: async (fetch, host, port) => {
      const answer = work.counted(fetch, (answered) => {
        if (draining) answered.headers.set('connection', 'close');
        return answered;
      });
      const listening = await listen(answer, host, port, listenOptions).catch((error: unknown) =>
        stop(EXIT.unavailable, [`cannot listen on ${host}, port ${port}: ${reasonOf(error)}`]),
      );
      if (servers.push(listening) === 1) begin();
      return listening;
    },
  };
}

function followSignals(stop: (isAtOnce: boolean) => void): void {
  process.on('SIGTERM', () => stop(false));
  process.on('SIGINT', () => stop(true));
}

/** Counts requests until they are answered: their callers may be gone before. */
function createWork() {
  let count = 0;
  let idle = (): void => {};
  return {
    count: () => count,
    /** Answers by `fetch`, and says by `last` what is to be said once the answer is there. */
    counted:
      (fetch: Answer, last: (answer: Response) => Response) =>
      async (...asked: Parameters<Answer>) => {
        count += 1;
        try {
          return last(await fetch(...asked));
        } finally {
          count -= 1;
          if (count === 0) idle();
        }
      },
    /** Once nothing is in flight; asked when nothing new can come but on open connections. */
    done: () =>
      new Promise<void>((resolve) => {
        idle = resolve;
        if (count === 0) resolve();
      }),
  };
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS.get(code) ?? code;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'it is in use'],
  ['EACCES', 'this user may not'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOTFOUND', 'the name is not known'],
]);
