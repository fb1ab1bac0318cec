import { DurableObject } from 'cloudflare:workers';
import { createProcessLock } from '../state/profile-lock.ts';
import { createServer } from './app.ts';
import { createStoredDoubts } from './in-doubt-storage.ts';

/**
 * The one writer of a profile. The whole exchange with the vendor runs here, so that no lock
 * outlives its holder. It locks no other profile: while a new configuration spreads, the isolate
 * that chose this object may have meant another one, and that write is rejected as overloaded.
 */
export class ProfileWriter extends DurableObject {
  readonly #lock = createProcessLock();
  readonly #serve = createServer(this.env, {
    withLock: (key, waitMsMax, task) =>
      this.env.PROFILE_WRITER.idFromName(key).equals(this.ctx.id)
        ? this.#lock(key, waitMsMax, task)
        : Promise.resolve(undefined),
    doubts: createStoredDoubts(this.ctx.storage),
    isBehindFront: true,
  });

  override fetch(request: Request): Promise<Response> {
    return this.#serve(request);
  }
}
