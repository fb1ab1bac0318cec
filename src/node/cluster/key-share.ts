import { WORKER_KEY_SETS_MAX } from '../../limits.ts';
import { createLru } from '../../state/lru.ts';
import type { Channel } from './channel.ts';
import { keysSchema } from './messages.ts';

/**
 * Passes the keys that one worker has fetched from an issuer on to the others, and to those that
 * begin later, so that an issuer is asked once and one that is down harms no worker.
 */
export function createKeyShare(channels: () => readonly Channel[]) {
  const known = createLru<{ readonly text: string; readonly atMs: number }>(WORKER_KEY_SETS_MAX);
  const urls = new Set<string>();
  return {
    take: (body: unknown, from: Channel): void => {
      const read = keysSchema.safeParse(body);
      if (!read.success) return;
      const { text, url } = read.data;
      known.set(url, { text, atMs: performance.now() });
      urls.add(url);
      for (const channel of channels()) {
        if (channel !== from) channel.post('keys', { url, text, ageMs: 0 });
      }
    },
    giveTo: (channel: Channel): void => {
      for (const url of urls) {
        const kept = known.get(url);
        if (kept === undefined) urls.delete(url);
        else channel.post('keys', { url, text: kept.text, ageMs: performance.now() - kept.atMs });
      }
    },
  };
}
