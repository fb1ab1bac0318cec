import * as z from 'zod/mini';
import type { Channel } from './channel.ts';

/**
 * Keeps all workers on the same addresses and the same state. A worker that follows on one that has
 * ended reads files that may have changed: with another state, two workers would write one profile
 * at the same time.
 */
export function createPlaces() {
  const known = new Map<Channel, string>();
  return {
    /** Reports whether a worker may serve at `body`, a digest: all others do. */
    accept: (body: unknown, from: Channel): boolean => {
      const places = z.string().parse(body);
      if ([...known.values()].some((other) => other !== places)) return false;
      known.set(from, places);
      return true;
    },
    /** Forgets a worker that has ended; once all have, the next one may serve anywhere. */
    forget: (channel: Channel): void => void known.delete(channel),
  };
}
