import { DurableObject } from 'cloudflare:workers';
import { createLocalState } from '../state/local-state.ts';
import { createStoredAnswers } from './answer-storage.ts';
import { createServer } from './app.ts';
import { createStoredDoubts } from './in-doubt-storage.ts';

/**
 * The one writer of a profile. The whole exchange with the vendor runs here, so that no lock
 * outlives its holder. It locks no other profile: while a new configuration spreads, the isolate
 * that chose this object may have meant another one, and that write is rejected as overloaded.
 */
export class ProfileWriter extends DurableObject {
  readonly #answers = createStoredAnswers(this.ctx.storage);
  readonly #serve = createServer(this.env, {
    state: createLocalState({
      doubts: createStoredDoubts(this.ctx.storage),
      answers: this.#answers,
      lockScope: 'global',
      mayHold: (key) => this.env.PROFILE_WRITER.idFromName(key).equals(this.ctx.id),
    }),
    isBehindFront: true,
  });

  override fetch(request: Request): Promise<Response> {
    return this.#serve(request);
  }

  /** Set for when the oldest answer expires. */
  override alarm(): void {
    this.#answers.prune();
  }
}
