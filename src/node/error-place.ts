/** The code of an error of the system, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

/** Most lines of the stack of an error that are reported: places in the code, and no values. */
const STACK_LINES_MAX = 10;

/** The kind of an error and where it was thrown; its message may quote anything. */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is no error';
  const lines = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return [error.name, ...lines.slice(0, STACK_LINES_MAX).map((line) => line.trim())].join(' ');
}
