import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Writes as many of the bytes as there is room for at once; throws where the output fails. */
export type WriteNow = (bytes: Uint8Array) => number;

/**
 * Writes to the pipe or the socket behind `descriptor` without ever waiting; undefined where it is
 * neither, or the system lets nobody open the pipe again. A pipe is opened anew, since other
 * processes may write by the descriptor; a socket cannot be, and Node's own stream makes it one
 * that does not wait.
 */
export function openNonblocking(descriptor: number): WriteNow | undefined {
  let own = descriptor;
  try {
    const found = fstatSync(descriptor);
    if (found.isFIFO()) own = openSync(`/proc/self/fd/${descriptor}`, PIPE_FLAGS);
    else if (!found.isSocket() || !isMadeNonblocking(descriptor)) return undefined;
  } catch {
    return undefined;
  }
  return (bytes) => {
    try {
      return writeSync(own, bytes);
    } catch (error) {
      if (isFull(error)) return 0;
      throw error;
    }
  };
}

const PIPE_FLAGS = constants.O_WRONLY | constants.O_NONBLOCK;
/** The descriptors of the streams that Node opens itself. */
const [OUTPUT, ERRORS] = [1, 2];

function isMadeNonblocking(descriptor: number): boolean {
  if (descriptor === OUTPUT) return process.stdout.writable;
  return descriptor === ERRORS && process.stderr.writable;
}

/** Reports whether a write failed only because the output has no room at present. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
