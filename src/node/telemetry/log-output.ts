import pino from 'pino';
import { LOG_WAITING_BYTES_MAX } from '../../limits.ts';
import { openPipe } from './nonblocking-pipe.ts';

/** Destination of log lines, for which nothing waits. */
export type Output = {
  /** Writes the first `length` bytes, which are whole lines; `isAscii`: all of them are. */
  readonly write: (lines: Buffer, length: number, isAscii: boolean) => void;
  readonly writeText: (lines: string) => void;
  /** Resolves once every line is written. */
  readonly flush: () => Promise<void>;
  /** Writes the last lines of a process that ends, and waits for it. */
  readonly writeLast: (lines: string) => void;
};

/**
 * Writes to `output`, a descriptor or a path, in order. A pipe takes lines at once while it has
 * room, for 16 µs of CPU where a thread takes 65; the rest, and what follows, is left to that.
 * Lines beyond a bound are dropped; `onDropped` is told how many once there is room again.
 */
export function createOutput(output: number | string, onDropped: (lines: number) => void): Output {
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
  let dropped = 0;
  destination.on('drop', (text: string) => {
    dropped += text.split('\n').length - 1;
  });
  destination.on('drain', () => {
    isBehind = false;
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    onDropped(lines);
  });

  const writeText = (lines: string): void => {
    isBehind = true;
    destination.write(lines);
  };
  return {
    writeText,
    write: (lines, length, isAscii) => {
      // What a pipe takes may end anywhere, and half a character is no text for the thread.
      const written = isAscii && !isBehind ? (writeNow?.(lines, length) ?? 0) : 0;
      if (written < length) writeText(lines.toString('utf8', written, length));
    },
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
    writeLast: (lines) => {
      pino.destination({ dest: output, sync: true }).write(lines);
    },
  };
}
