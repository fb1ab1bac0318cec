import { DurableObject } from 'cloudflare:workers';
import { createProfileObject } from './object/profile-object.ts';

/**
 * The one writer of a profile. The whole exchange with the vendor runs here, so that no lock
 * outlives its holder. It locks no other profile: while a new configuration spreads, the isolate
 * that chose this object may have meant another one, and that write is rejected as overloaded.
 */
export class ProfileWriter extends DurableObject {
  readonly #object = createProfileObject(this.ctx.storage, this.env, (key) =>
    this.env.PROFILE_WRITER.idFromName(key).equals(this.ctx.id),
  );

  override fetch(request: Request): Promise<Response> {
    return this.#object.serve(request);
  }

  /** Set for when a write is due that was cut off, or when the oldest answer or receipt expires. */
  override alarm(): Promise<void> {
    return this.#object.wake();
  }
}
