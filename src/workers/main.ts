import { systemClock } from '../state/clock.ts';
import { createInDoubtRegistry } from '../state/in-doubt.ts';
import { createLocalState } from '../state/local-state.ts';
import { createPorts, createServer, type ServeRequest } from './app.ts';
import { type Environment, stateHashKey } from './bindings.ts';

/** Answers what is no write, and hands writes over; made by the first request of an isolate. */
let front: ServeRequest | undefined;

function createFront(environment: Environment): ServeRequest {
  const ports = createPorts(environment, {
    state: createLocalState({
      doubts: createInDoubtRegistry(systemClock.monotonicMs),
      lockScope: 'global',
      mayHold: () => false,
    }),
    handOver: (key, request) => environment.PROFILE_WRITER.getByName(key).fetch(request),
  });
  return createServer(environment, ports, {
    isKeptByProfile: stateHashKey(environment) !== undefined,
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
