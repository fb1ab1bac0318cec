import type { Send } from '../../../src/ports.ts';
import type { StateStore } from '../../../src/state/state-store.ts';

/** Steps of a write, in their order, at which a replica may end. */
export const HALTS = ['begun', 'read', 'before_send', 'sent', 'applied', 'before_end'] as const;
export type Halt = (typeof HALTS)[number];

/** Never comes. */
const NEVER = new Promise<never>(() => {});

/** The state of a replica whose writes go no further than `halt`; `onHalt` for each of them. */
export function haltingState(
  state: StateStore,
  halt: Halt | undefined,
  onHalt: () => void,
): StateStore {
  const stop = (): Promise<never> => {
    onHalt();
    return NEVER;
  };
  const { amend } = state;
  switch (halt) {
    case 'begun':
      return {
        ...state,
        begin: async (request) => {
          const begun = await state.begin(request);
          return begun.kind === 'begun' ? stop() : begun;
        },
      };
    case 'read':
      return {
        ...state,
        amend: async (...given) => {
          await amend?.(...given);
          return stop();
        },
      };
    case 'before_end':
      return { ...state, end: stop };
    default:
      return state;
  }
}

/** The transport of such a replica. */
export function haltingSend(send: Send, halt: Halt | undefined, onHalt: () => void): Send {
  if (halt !== 'before_send') return send;
  return (...given) => {
    const mayStillSend = given[3];
    if (mayStillSend === undefined) return send(...given);
    onHalt();
    return NEVER;
  };
}
