import fs from 'node:fs';
import { LAST_LINES_MS, LOG_WAITING_BYTES_MAX } from '../../limits.ts';
import { codeOf } from '../error-place.ts';
import { isFull, openNonblocking, type WriteNow } from './nonblocking-output.ts';

/** Destination of log lines, for which nothing waits and whose failures end nothing. */
export type Output = {
  /** Takes whole lines; their memory may be used again once it returns. */
  readonly write: (lines: Uint8Array) => void;
  /** Resolves once every line is written or dropped; false after `LAST_LINES_MS`. */
  readonly flush: () => Promise<boolean>;
  /** Writes what waits and `lines`, for a process that ends; waits no longer than `flush`. */
  readonly writeLast: (lines: Uint8Array) => void;
};

/** Called with the number of lines that were dropped, once lines can be written again. */
type OnDropped = (lines: number, reason: string) => void;

/** Time after which an output without room is tried again. */
const RETRY_MS = 5;
/** The byte that ends a line. */
export const LINE_END = 10;
/** Waiting lines of this length are written without further ones. */
const WRITE_BYTES_MAX = 64 * 1024;
const TOO_SLOW = 'the output was too slow';

/**
 * Writes to `output`, a descriptor or a path, in order. A pipe or a socket takes lines at once
 * while it has room, for 16 µs of CPU where a thread takes 65, and never holds a thread that the
 * end of the process would wait for. Lines beyond a bound, and those that the output fails to take,
 * are dropped and counted; the next ones are tried again.
 */
export function createOutput(output: number | string, onDropped: OnDropped): Output {
  const descriptor = typeof output === 'number' ? output : fs.openSync(output, 'a');
  const writeNow = openNonblocking(descriptor);
  const queue = createQueue(onDropped);
  let isBusy = false;
  /** Number of bytes that a thread is writing. */
  let inThread = 0;
  /** A thread has not come back from a write for too long. */
  let isHeld = false;
  const settled: (() => void)[] = [];

  const again = (): void => {
    isBusy = true;
    setTimeout(resume, RETRY_MS).unref();
  };
  const resume = (): void => {
    isBusy = false;
    pump();
  };
  const pump = (): void => {
    if (isBusy) return;
    if (writeNow === undefined) writeByThread();
    else if (!writeSome(queue, writeNow)) again();
    // The report of what was dropped is a line that may have to be written in turn.
    if (isBusy || queue.report() > 0) return;
    for (const settle of settled.splice(0)) settle();
  };
  const writeByThread = (): void => {
    if (queue.isEmpty()) return;
    const lines = queue.next();
    isBusy = true;
    inThread = lines.length;
    fs.write(descriptor, lines, (error, bytes) => {
      inThread = 0;
      if (error === null) queue.written(bytes);
      else if (isFull(error)) return again();
      else queue.drop(error);
      resume();
    });
  };
  return {
    write: (lines) => {
      queue.add(lines);
      pump();
    },
    flush: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          isHeld = inThread > 0;
          resolve(false);
        }, LAST_LINES_MS);
        settled.push(() => {
          clearTimeout(timer);
          resolve(true);
        });
        pump();
      }),
    writeLast: (lines) => {
      // Node waits for its threads at its end, and one that a terminal holds never comes back.
      if (isHeld) process.kill(process.pid, 'SIGKILL');
      queue.written(inThread);
      if (lines.length > 0) queue.add(lines);
      writeRest(queue, writeNow ?? ((bytes) => fs.writeSync(descriptor, bytes)));
    },
  };
}

type Queue = ReturnType<typeof createQueue>;

/** Lines that wait, in their order. */
function createQueue(onDropped: OnDropped) {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let isMidLine = false;
  let dropped = 0;
  let reason = TOO_SLOW;
  let hasFailed = false;
  const drop = (lines: Uint8Array, why: string): void => {
    dropped += countLines(lines);
    reason = why;
  };
  return {
    isEmpty: () => chunks.length === 0,
    add: (lines: Uint8Array): void => {
      if (bytes + lines.length > LOG_WAITING_BYTES_MAX) {
        drop(lines, TOO_SLOW);
        return;
      }
      // What a failure has cut off must not become the begin of another line.
      const begun = isMidLine && chunks.length === 0 ? [Uint8Array.of(LINE_END)] : [];
      chunks.push(...begun, Buffer.from(lines));
      bytes += lines.length;
    },
    /** The lines that are to be written together. */
    next: (): Uint8Array => {
      let count = 0;
      for (let size = 0; count < chunks.length && size < WRITE_BYTES_MAX; count += 1) {
        size += chunks[count]?.length ?? 0;
      }
      if (count > 1) chunks.splice(0, count, Buffer.concat(chunks.slice(0, count)));
      return chunks[0] ?? new Uint8Array();
    },
    /** The first `count` bytes of `next` are written. */
    written: (count: number): void => {
      const [first] = chunks;
      if (first === undefined || count === 0) return;
      hasFailed = false;
      isMidLine = first[count - 1] !== LINE_END;
      bytes -= count;
      if (count === first.length) chunks.shift();
      else chunks[0] = first.subarray(count);
    },
    drop: (error: unknown): void => {
      for (const chunk of chunks) drop(chunk, `the output failed (${codeOf(error)})`);
      hasFailed = true;
      chunks = [];
      bytes = 0;
    },
    /** Reports what was dropped once the output takes lines again; the number of lines. */
    report: (): number => {
      const lines = hasFailed || chunks.length > 0 ? 0 : dropped;
      dropped -= lines;
      if (lines > 0) onDropped(lines, reason);
      return lines;
    },
  };
}

/** A line end that begins `lines` ends what was written before. */
function countLines(lines: Uint8Array): number {
  let count = 0;
  for (let at = lines.indexOf(LINE_END, 1); at >= 0; at = lines.indexOf(LINE_END, at + 1)) {
    count += 1;
  }
  return count;
}

/** Writes as much as the output has room for; returns true if nothing is left. */
function writeSome(queue: Queue, write: WriteNow): boolean {
  try {
    while (!queue.isEmpty()) {
      const bytes = write(queue.next());
      if (bytes === 0) return false;
      queue.written(bytes);
    }
  } catch (error) {
    queue.drop(error);
  }
  return true;
}

/** Writes all that waits, for a bounded time. */
function writeRest(queue: Queue, write: WriteNow): void {
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const untilMs = performance.now() + LAST_LINES_MS;
  while (!writeSome(queue, write) && performance.now() < untilMs) {
    Atomics.wait(pause, 0, 0, RETRY_MS);
  }
}
