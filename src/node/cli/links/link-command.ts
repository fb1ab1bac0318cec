import type { AdminClient } from './admin-client.ts';

/** Options of `links` as they were written. */
export type LinkFlags = {
  readonly json: boolean;
  readonly targets?: string | undefined;
  readonly key: readonly string[];
  readonly 'exact-case': boolean;
  readonly blanks: string;
  readonly id?: string | undefined;
  readonly prefix?: string | undefined;
  readonly rate?: string | undefined;
  readonly resume?: string | undefined;
  readonly situation?: string | undefined;
  readonly all: boolean;
  readonly reason?: string | undefined;
  readonly 'dry-run': boolean;
};

/** One of the commands of `links`; `wrongUse` ends the process. */
export type LinkCommand = (given: {
  readonly client: AdminClient;
  readonly flags: LinkFlags;
  readonly operands: readonly string[];
  readonly wrongUse: (problem?: string) => never;
}) => Promise<void>;

/** Prints one line of results. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
