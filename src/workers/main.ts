import { systemClock } from '../state/clock.ts';
import { createInDoubtRegistry } from '../state/in-doubt.ts';
import { createLocalState } from '../state/local-state.ts';
import { createServer, type ServeRequest } from './app.ts';
import type { Environment } from './bindings.ts';

/** Answers what is no write, and hands writes over; made by the first request of an isolate. */
let front: ServeRequest | undefined;

function createFront(environment: Environment): ServeRequest {
  return createServer(environment, {
    state: createLocalState({
      doubts: createInDoubtRegistry(systemClock.monotonicMs),
      lockScope: 'global',
      mayHold: () => false,
    }),
    handOver: (key, request) => environment.PROFILE_WRITER.getByName(key).fetch(request),
  });
}

export default {
  fetch(request, environment, context) {
    front ??= createFront(environment);
    const answer = front(request);
    // A caller that goes away must not take a write with it, nor a token that others wait for.
    context.waitUntil(answer.then(() => undefined));
    return answer;
  },
} satisfies ExportedHandler<Environment>;
export { ProfileWriter } from './profile-writer.ts';
