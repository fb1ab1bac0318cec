import pino from 'pino';
import { LOG_WAITING_BYTES_MAX } from './gateway/limits.ts';
import { isLogged, type LogLevel, type LogRecord } from './gateway/log.ts';
import { openPipe } from './node-pipe.ts';

export type NodeLog = {
  readonly log: (record: LogRecord) => void;
  /** Resolves once every line is written. */
  readonly flush: () => Promise<void>;
};

/** The standard output. */
const OUTPUT = 1;
/** Longest wait of a line for others to be written with it. */
const BATCH_MS_MAX = 20;
/** Lines of this length together wait for no others: half of what a pipe holds. */
const BATCH_BYTES_MAX = 32 * 1024;
/** Most bytes of one UTF-16 unit. */
const UTF8_BYTES_MAX = 3;
const LINE_END = 10;

/**
 * Writes records as JSON lines to `output`, a descriptor or a path, without waiting for it. Lines
 * wait some milliseconds to be written together; warnings and errors, and what waits before them,
 * do not. A process that ends by itself, or by an uncaught error, writes the rest; lines beyond a
 * bound are dropped, and their number is told.
 */
export function createNodeLog(level: LogLevel, output: number | string = OUTPUT): NodeLog {
  const { add, flush, handOver, onDrop } = createBatches(output);
  const time = createClock();
  const log = (record: LogRecord): void => {
    const { level: at } = record;
    if (!isLogged(at, level)) return;
    // pino's own loggers have a JSON.stringify for each nested member, and cost 1.1 µs more.
    const text = JSON.stringify(record);
    const head = `{"level":"${at}",`;
    const rest = text.startsWith(head)
      ? text.slice(head.length)
      : JSON.stringify({ ...record, level: undefined }).slice(1);
    add(`${head}"time":"${time()}",`, rest);
    if (at === 'warn' || at === 'error') handOver();
  };
  onDrop((lines) => {
    const message = `${lines} lines were dropped because the output was too slow`;
    log({ level: 'warn', event: 'log', message });
  });
  return { log, flush };
}

/** The time of day as text; making it costs 0.4 µs, so lines of one millisecond share it. */
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
 * Lines that are written together: pino's destination alone begins a write with nearly each line,
 * which a thread has to do, for 3 µs of a line's CPU. They are gathered as bytes, since a text that
 * grows line by line has to be flattened in the end. A pipe takes them at once while it has room,
 * which costs a quarter of what the thread does; the rest, and what follows, is left to that.
 */
function createBatches(output: number | string) {
  const destination = pino.destination({
    dest: output,
    sync: false,
    // With 0, its flush waits for nothing.
    minLength: 1,
    maxLength: LOG_WAITING_BYTES_MAX,
  });
  const writeNow = typeof output === 'number' ? openPipe(output) : undefined;
  /** Lines are on their way by the thread, and none may overtake them. */
  let isBehind = false;
  destination.on('drain', () => {
    isBehind = false;
  });
  const block = Buffer.allocUnsafeSlow(2 * BATCH_BYTES_MAX);
  /** How much of the block waits. */
  let end = 0;
  /** Whether it can be cut anywhere and still be text. */
  let isAscii = true;
  let timer: NodeJS.Timeout | undefined;
  /** The text of what waits from `start` on; then nothing waits. */
  const taken = (start: number): string => {
    clearTimeout(timer);
    timer = undefined;
    const text = start === end ? '' : block.toString('utf8', start, end);
    end = 0;
    isAscii = true;
    return text;
  };
  const handOver = (): void => {
    if (end === 0) return;
    const written = isAscii && !isBehind ? (writeNow?.(block, end) ?? 0) : 0;
    const rest = taken(written);
    if (rest !== '') leave(rest);
  };
  const leave = (text: string): void => {
    isBehind = true;
    destination.write(text);
  };
  /** Adds a line of two parts. */
  const add = (head: string, rest: string): void => {
    const bytesMax = UTF8_BYTES_MAX * (head.length + rest.length) + 1;
    if (bytesMax > block.length - end) handOver();
    if (bytesMax > block.length) {
      leave(`${head}${rest}\n`);
      return;
    }
    const start = end;
    end += block.write(head, end);
    end += block.write(rest, end);
    if (end - start !== head.length + rest.length) isAscii = false;
    block[end] = LINE_END;
    end += 1;
    if (end >= BATCH_BYTES_MAX) handOver();
    else timer ??= setTimeout(handOver, BATCH_MS_MAX).unref();
  };
  const flush = (): Promise<void> => {
    handOver();
    return new Promise((resolve) => destination.flush(() => resolve()));
  };
  // What was handed over is written before, by the listener of pino's destination.
  process.once('exit', () => {
    if (end > 0) pino.destination({ dest: output, sync: true }).write(taken(0));
  });
  /** Calls `tell` with the number of lines that were dropped, once there is room again. */
  const onDrop = (tell: (lines: number) => void): void => {
    let dropped = 0;
    destination.on('drop', (text: string) => {
      dropped += text.split('\n').length - 1;
    });
    destination.on('drain', () => {
      if (dropped === 0) return;
      const lines = dropped;
      dropped = 0;
      tell(lines);
    });
  };
  return { add, flush, handOver, onDrop };
}
