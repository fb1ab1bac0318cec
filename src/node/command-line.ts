import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { ConfigProblem } from '../config/read-config.ts';

/** Exit codes of the commands, named and numbered as in sysexits.h. */
export const EXIT = {
  usage: 64,
  data: 65,
  unavailable: 69,
  software: 70,
  configuration: 78,
} as const;

/** Reads this process's arguments; one that does not fit is told, with `usage`, and ends it. */
export function readFlags<T extends ParseArgsConfig>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    return stop(EXIT.usage, [error instanceof Error ? error.message : 'bad arguments', usage]);
  }
}

/** A port in words of a person: 0 is any free one. `from` names where it was written. */
export function readPort(written: string, from: string): number {
  if (/^\d{1,5}$/.test(written) && Number(written) <= 65_535) return Number(written);
  return stop(EXIT.usage, [`${from}: must be a port, 0 to 65535`]);
}

/** Tells every problem of a configuration and ends the process. */
export function stopWith(problems: readonly ConfigProblem[]): never {
  const lines = problems.map(({ message, path }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  return stop(EXIT.configuration, lines);
}

/** Ends the process at once, its last words on the error output. */
export function stop(code: number, lines: readonly string[]): never {
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  process.exit(code);
}
