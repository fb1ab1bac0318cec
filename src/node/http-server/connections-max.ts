import { readFileSync } from 'node:fs';
import { CONNECTIONS_MAX } from '../../limits.ts';

/** Part of the open files of the process that callers may use up; the others are for vendors. */
const OPEN_FILES_SHARE = 0.75;

/** Most connections to one listener, by the limits of the process as Linux lists them. */
export function connectionsMax(limits = readLimits()): number {
  const openFiles = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.min(CONNECTIONS_MAX, Math.floor(openFiles * OPEN_FILES_SHARE));
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
