/** Progress of a command on the error output. */
export type ProgressLine = {
  readonly show: (text: string) => void;
  /** Leaves the last line, or takes it away. */
  readonly end: () => void;
};

/** Time between two lines where they are not written over each other. */
const LINE_MS = 5_000;
const ERASE = '\r\u001b[K';

/**
 * Shows one line that changes in a terminal; elsewhere a line of its own now and then, so that a
 * log is not full of them.
 */
export function createProgressLine(
  isShown: boolean,
  output: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'> = process.stderr,
  monotonicMs: () => number = () => performance.now(),
): ProgressLine {
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let last = '';
  return {
    show: (text) => {
      if (!isShown || text === last) return;
      if (output.isTTY) {
        output.write(ERASE + text.slice(0, Math.max(1, (output.columns || 80) - 1)));
      } else {
        if (monotonicMs() - shownAtMs < LINE_MS) return;
        shownAtMs = monotonicMs();
        output.write(`${text}\n`);
      }
      last = text;
    },
    end: () => {
      if (isShown && output.isTTY && last !== '') output.write(ERASE);
    },
  };
}
