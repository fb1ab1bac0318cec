import type { StepRecord } from './deliver.ts';

/** One line of the log; never holds values of a profile, bodies or credentials. */
export type LogRecord = {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly requestId?: string;
  readonly caller?: string;
  readonly id?: string;
  readonly target?: string;
  /** The rule that chose the target, `routes.0`. */
  readonly rule?: string;
  readonly method?: string;
  readonly status?: number;
  readonly code?: string;
  readonly outcome?: string;
  readonly evidence?: string;
  readonly reason?: string;
  readonly pointers?: readonly string[];
  readonly losses?: readonly string[];
  readonly unconfirmed?: readonly string[];
  readonly steps?: readonly StepRecord[];
  readonly durationMs?: number;
  readonly message?: string;
};

/** Writes records as JSON lines, the time first. */
export function jsonLines(now: () => number, write: (line: string) => void) {
  return (record: LogRecord): void => {
    write(JSON.stringify({ time: new Date(now()).toISOString(), ...record }));
  };
}
