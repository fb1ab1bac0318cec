import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { CONFIGURATION_BYTES_MAX } from '../../limits.ts';
import { codeOf } from '../error-place.ts';

/** Flags by which opening a pipe does not wait for somebody who writes to it. */
export const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** The content of a file, or words that say why it cannot be had. */
export type FileRead =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly failure: string; readonly isPassing: boolean };

/** Reads a file of a configuration, which is at most `CONFIGURATION_BYTES_MAX` long. */
export function readRegularFile(path: string): FileRead {
  try {
    const descriptor = openSync(path, READ_FLAGS);
    try {
      const stats = fstatSync(descriptor);
      if (isStream(stats)) return { ok: false, failure: IS_STREAM, isPassing: false };
      if (stats.size > CONFIGURATION_BYTES_MAX) return TOO_LARGE;
      const bytes = readFileSync(descriptor);
      return bytes.length > CONFIGURATION_BYTES_MAX ? TOO_LARGE : { ok: true, bytes };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { ok: false, failure: failureOf(error), isPassing: isPassing(error) };
  }
}

/** A pipe may never end, and cannot be read again when the configuration is reloaded. */
export function isStream(stats: Stats): boolean {
  return !stats.isFile() && !stats.isDirectory();
}

export const IS_STREAM = 'is a pipe or a device, not a file';

const TOO_LARGE: FileRead = {
  ok: false,
  failure: `is larger than ${CONFIGURATION_BYTES_MAX} bytes`,
  isPassing: false,
};

export function failureOf(error: unknown): string {
  return `cannot be read (${codeOf(error)})`;
}

/** Errors that say something of the file; any other, such as EMFILE, may be over by itself. */
const LASTING = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
]);

/** Reports whether the file may be readable later although nobody changes it. */
export function isPassing(error: unknown): boolean {
  return !LASTING.has(codeOf(error));
}
