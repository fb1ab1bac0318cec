import type { Clock } from './clock.ts';

/** Digits of a UUID that are the Unix time in milliseconds (RFC 9562, section 5.7). */
const TIME_DIGITS = 12;

/**
 * Creates the id of a write: a UUID of version 7. Ids begin with the time, so that the index of a
 * database gets those of one batch side by side, not each in a page of its own.
 */
export function createWriteId({ now }: Pick<Clock, 'now'>): string {
  const time = now().toString(16).padStart(TIME_DIGITS, '0').slice(-TIME_DIGITS);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
