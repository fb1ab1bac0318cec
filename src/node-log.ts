import pino from 'pino';
import { LOG_WAITING_BYTES_MAX } from './gateway/limits.ts';
import type { LogLevel, LogRecord } from './gateway/log.ts';

export type NodeLog = {
  readonly log: (record: LogRecord) => void;
  /** Resolves once every line is written. */
  readonly flush: () => Promise<void>;
};

/** The standard output. */
const OUTPUT = 1;

/**
 * Writes records as JSON lines to `output`, a descriptor or a path, without waiting for it: what
 * comes while a write is under way is written together by the next one. A process that ends by
 * itself writes the rest; lines beyond a bound are dropped, and their number is told.
 */
export function createNodeLog(level: LogLevel, output: number | string = OUTPUT): NodeLog {
  const destination = pino.destination({
    dest: output,
    sync: false,
    // With 0, its flush waits for nothing.
    minLength: 1,
    maxLength: LOG_WAITING_BYTES_MAX,
  });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  let dropped = 0;
  destination.on('drop', () => {
    dropped += 1;
  });
  const log = ({ level: at, ...record }: LogRecord): void => logger[at](record);
  destination.on('drain', () => {
    if (dropped === 0) return;
    const message = `${dropped} lines were dropped because the output was too slow`;
    dropped = 0;
    log({ level: 'warn', event: 'log', message });
  });
  return { log, flush: () => new Promise((resolve) => logger.flush(() => resolve())) };
}
