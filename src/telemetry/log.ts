import { LOG_POINTER_CHARACTERS_MAX, LOG_POINTERS_MAX } from '../limits.ts';

/** One request of an exchange as it is logged. */
export type StepRecord = {
  readonly purpose: Purpose;
  readonly method: string;
  readonly status: number | string;
  readonly durationMs: number;
};

/** Purpose of a request of an exchange. */
export type Purpose = 'token' | 'read' | 'write';

/** Least important first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * One line of the log; never holds values of a profile, bodies or credentials. The one exception:
 * at level `debug` an answer of a vendor has a line of its own with the begin of its body.
 */
export type LogRecord = { readonly level: LogLevel; readonly event: string } & {
  readonly [K in keyof Details]?: Details[K] | undefined;
};

/** Optional members of a line. */
type Details = {
  requestId: string;
  /** Names a write, as `X-Write-Id` does. */
  writeId: string;
  /** The request repeats an earlier one, whose write it is. */
  replayed: true;
  traceId: string;
  /** Version of the configuration; see `ConfigSnapshot`. */
  version: string;
  /** Version of the program, in the line that says where it listens. */
  gatewayVersion: string;
  caller: string;
  id: string;
  target: string;
  /** The rule that chose the target, `routes.0`. */
  rule: string;
  method: string;
  status: number;
  code: string;
  outcome: string;
  evidence: string;
  reason: string;
  pointers: readonly string[];
  losses: readonly string[];
  unconfirmed: readonly string[];
  steps: readonly StepRecord[];
  /** Step of a vendor's answer, at level `debug` only. */
  step: StepRecord['purpose'];
  body: string;
  durationMs: number;
  /** Part of it that was spent waiting for the vendor. */
  upstreamMs: number;
  message: string;
};

/** Reports whether a record of `level` is written where `least` is the least that is. */
export function isLogged(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

/** The level that an operator has written; undefined where it is none. */
export function readLogLevel(written: string | undefined): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === written?.toLowerCase());
}

/** Pointers as a line may hold them: a patch can name thousands, of any length. */
export function boundedPointers(pointers: readonly string[]): string[] {
  const kept = pointers.slice(0, LOG_POINTERS_MAX).map((pointer) => {
    const isLong = pointer.length > LOG_POINTER_CHARACTERS_MAX;
    return isLong ? `${pointer.slice(0, LOG_POINTER_CHARACTERS_MAX)}…` : pointer;
  });
  const left = pointers.length - kept.length;
  return left === 0 ? kept : [...kept, `… ${left} more`];
}

const ASCII = /^[ -~]*$/;
/** Characters that change how a line is shown, such as marks of direction and line separators. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu;

/** Returns a record as JSON without characters that no terminal shows as they are. */
export function logText(record: object): string {
  const text = JSON.stringify(record);
  return ASCII.test(text) ? text : text.replaceAll(INVISIBLE, escaped);
}

function escaped(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16));
  return units.map((unit) => `\\u${unit.padStart(4, '0')}`).join('');
}

/** Writes records as JSON lines, the time first. */
export function jsonLines(now: () => number, write: (line: string) => void) {
  return (record: LogRecord): void => {
    write(logText({ time: new Date(now()).toISOString(), ...record }));
  };
}
