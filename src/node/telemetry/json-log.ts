import { isLogged, type LogLevel, type LogRecord, logText } from '../../telemetry/log.ts';
import { createOutput, LINE_END, type Output } from './log-output.ts';

export type NodeLog = {
  readonly log: (record: LogRecord) => void;
  /** Resolves once every line is written; false where the output does not take them in time. */
  readonly flush: () => Promise<boolean>;
};

/** A log that also takes the lines of other processes. */
export type PassingLog = NodeLog & {
  /** Writes whole lines as they are. */
  readonly pass: (lines: Uint8Array) => void;
};

/** The standard output. */
const OUTPUT = 1;
/** Longest wait of a line for others to be written with it. */
const BATCH_MS_MAX = 20;
/** Lines of this length together wait for no others: half of what a pipe holds. */
const BATCH_BYTES_MAX = 32 * 1024;
/** Most bytes of one UTF-16 unit. */
const UTF8_BYTES_MAX = 3;

/**
 * Writes records as JSON lines to `output`, a descriptor or a path, without waiting for it. Lines
 * wait some milliseconds to be written together; warnings and errors, and what waits before them,
 * do not. A process that ends by itself, or by an uncaught error, writes the rest; lines beyond a
 * bound, or that the output does not take, are dropped, and their number is logged.
 */
export function createNodeLog(level: LogLevel, output: number | string = OUTPUT): PassingLog {
  const reportDropped = (lines: number, reason: string): void => {
    const message = `${lines} lines were dropped because ${reason}`;
    log({ level: 'warn', event: 'log', message });
  };
  const { add, flush, handOver, pass } = createBatches(createOutput(output, reportDropped));
  const time = createClock();
  const log = (record: LogRecord): void => {
    const { level: at } = record;
    if (!isLogged(at, level)) return;
    // A JSON.stringify for each nested member costs 1.1 µs more.
    const text = logText(record);
    const head = `{"level":"${at}",`;
    const rest = text.startsWith(head)
      ? text.slice(head.length)
      : logText({ ...record, level: undefined }).slice(1);
    add(`${head}"time":"${time()}",`, rest);
    if (at === 'warn' || at === 'error') handOver();
  };
  return { log, flush, pass };
}

/** The time of day as text; making it costs 0.54 µs, so lines of one millisecond share it. */
function createClock(): () => string {
  let atMs = 0;
  let text = '';
  return () => {
    const nowMs = Date.now();
    if (nowMs !== atMs) {
      atMs = nowMs;
      text = new Date(nowMs).toISOString();
    }
    return text;
  };
}

/**
 * Lines that are written together: beginning a write with nearly each line takes 3 µs of its CPU.
 * They are gathered as bytes, since a text that grows line by line has to be flattened in the end.
 */
function createBatches({ flush: flushed, write, writeLast }: Output) {
  const block = Buffer.allocUnsafeSlow(2 * BATCH_BYTES_MAX);
  /** Number of bytes of the block that wait. */
  let end = 0;
  let timer: NodeJS.Timeout | undefined;
  const handOver = (): void => {
    if (end === 0) return;
    const lines = block.subarray(0, end);
    end = 0;
    clearTimeout(timer);
    timer = undefined;
    write(lines);
  };
  /** Adds a line of two parts. */
  const add = (head: string, rest: string): void => {
    const bytesMax = UTF8_BYTES_MAX * (head.length + rest.length) + 1;
    if (bytesMax > block.length - end) handOver();
    if (bytesMax > block.length) {
      write(Buffer.from(`${head}${rest}\n`, 'utf8'));
      return;
    }
    end += block.write(head, end);
    end += block.write(rest, end);
    block[end] = LINE_END;
    end += 1;
    if (end >= BATCH_BYTES_MAX) handOver();
    else timer ??= setTimeout(handOver, BATCH_MS_MAX).unref();
  };
  const flush = (): Promise<boolean> => {
    handOver();
    return flushed();
  };
  const pass = (lines: Uint8Array): void => {
    handOver();
    write(lines);
  };
  process.once('exit', () => writeLast(block.subarray(0, end)));
  return { add, flush, handOver, pass };
}
