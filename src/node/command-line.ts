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

export const EXIT_CODES_HELP = `exit codes:
   0  success, or stopped by a signal with every request finished
  64  wrong arguments
  65  the patch given to explain, or a file of links, cannot be used
  69  the address cannot be listened on, or a target or gateway failed
  70  an uncaught error, or requests were aborted during shutdown
  78  the configuration cannot be used; every problem is printed with its path`;

/** A module of `cli/`. */
export type Subcommand = {
  /** Its first paragraph is the usage, which is printed after wrong arguments. */
  readonly help: string;
  readonly run: (args: readonly string[]) => Promise<void>;
};

/** The first paragraph of a subcommand's help. */
export function usageOf(help: string): string {
  return help.split('\n\n', 1).join('');
}

/** Reads arguments, by default this process's; wrong ones end it, printed with `usage`. */
export function readFlags<T extends ParseArgsConfig>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    return stop(EXIT.usage, [error instanceof Error ? error.message : 'bad arguments', usage]);
  }
}

/** A port as an operator writes it: 0 is any free one. `from` names where it was written. */
export function readPort(written: string, from: string): number {
  if (/^\d{1,5}$/.test(written) && Number(written) <= 65_535) return Number(written);
  return stop(EXIT.usage, [`${from}: must be a port, 0 to 65535`]);
}

/** Keeps a process that serves from ending when the reader of its standard output has gone. */
export function ignoreClosedOutput(): void {
  process.stdout.on('error', () => {});
}

/** Prints every problem of a configuration and ends the process. */
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
