import type { Send } from '../../../src/ports.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { requestIdIn, UNSENT } from './create-steps.ts';

/** Never comes. */
const NEVER = new Promise<never>(() => {});

/** The state of a replica whose creates go no further than the step in their request ids. */
export function haltingCreates(state: StateStore, onHalt: () => void): StateStore {
  const stop = (): Promise<never> => {
    onHalt();
    return NEVER;
  };
  const endsAt = (step: string, json: string | undefined): boolean =>
    requestIdIn(json ?? '{}').endsWith(`-${step}`);
  const { announce } = state;
  return {
    ...state,
    begin: async (request) => {
      const begun = await state.begin(request);
      return begun.kind === 'begun' && endsAt('begun', request.intent) ? stop() : begun;
    },
    announce: async (...given) => {
      const announced = (await announce?.(...given)) ?? 'unavailable';
      return announced === 'announced' && endsAt('read', given[1]) ? stop() : announced;
    },
    end: (lease, ending) =>
      endsAt('before_end', ending?.receipt?.body) ? stop() : state.end(lease, ending),
  };
}

/** The transport of such a replica. */
export function haltingCreateSend(send: Send, onHalt: () => void): Send {
  return (...given) => {
    const [{ body = '' }] = given;
    if (!body.includes(UNSENT)) return send(...given);
    onHalt();
    return NEVER;
  };
}
