import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

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
  const places = lines.slice(0, STACK_LINES_MAX).map((line) => line.trim());
  return [error.name, ...inSources(places)].join(' ');
}

/** A place in the built program, as a line of a stack names it. */
const BUILT_PLACE = /([^ (]*\/program\.cjs):(\d+):(\d+)/;

/**
 * Replaces places in the built program by those in its sources, where the build has left its map.
 * It is read when an error ends the process; `--enable-source-maps` would read it at each start.
 */
function inSources(lines: readonly string[]): readonly string[] {
  const [, file] = lines.map((line) => BUILT_PLACE.exec(line)).find((found) => found) ?? [];
  if (file === undefined) return lines;
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    return lines.map((line) =>
      line.replace(BUILT_PLACE, (_, path, row, column) => {
        const origin = map.findOrigin(Number(row), Number(column));
        if (!('fileName' in origin)) return `${path}:${row}:${column}`;
        const source = origin.fileName.replace(/^(?:\.\.\/)+/, '');
        return `${source}:${origin.lineNumber}:${origin.columnNumber}`;
      }),
    );
  } catch {
    return lines;
  }
}
