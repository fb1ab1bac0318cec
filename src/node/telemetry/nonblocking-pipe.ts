import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Writes as much of the first `length` bytes as there is room for at once; how many those were. */
export type WriteNow = (bytes: Uint8Array, length: number) => number;

/**
 * Writes to the pipe behind `descriptor` by an opening of our own, which never waits; undefined
 * where it is no pipe, or the system lets nobody open it again. The descriptor itself stays as it
 * is, since other processes may write by it. What fails is for the caller's other way to find out.
 */
export function openPipe(descriptor: number): WriteNow | undefined {
  let own: number;
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    own = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  return (bytes, length) => {
    try {
      return writeSync(own, bytes, 0, length);
    } catch {
      return 0;
    }
  };
}
