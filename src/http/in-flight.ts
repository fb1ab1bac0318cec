import type { Caller } from '../auth/caller.ts';
import { BODY_BYTES_IN_FLIGHT_MAX, CALLER_REQUESTS_IN_FLIGHT_MAX } from '../limits.ts';
import type { RequestState } from './request-state.ts';

/** Bounds on what the requests in flight hold: bodies in all, and requests of each caller. */
export type InFlight = {
  /** Counts a request for its caller; false where the caller has too many. */
  readonly enter: (state: RequestState, caller: Caller) => boolean;
  /** Holds `bytes` for the body of a request, in place of what it held; false without room. */
  readonly hold: (state: RequestState, bytes: number) => boolean;
  /** Ends all that a request holds. */
  readonly end: (state: RequestState) => void;
};

export function createInFlight(): InFlight {
  let bytesInAll = 0;
  const requestsOf = new Map<string, number>();
  return {
    enter: (state, { maxConcurrentRequests = CALLER_REQUESTS_IN_FLIGHT_MAX, name }) => {
      const count = requestsOf.get(name) ?? 0;
      if (count >= maxConcurrentRequests) return false;
      requestsOf.set(name, count + 1);
      state.countedFor = name;
      return true;
    },
    hold: (state, bytes) => {
      const inAll = bytesInAll + bytes - state.heldBytes;
      if (inAll > BODY_BYTES_IN_FLIGHT_MAX) return false;
      bytesInAll = inAll;
      state.heldBytes = bytes;
      return true;
    },
    end: (state) => {
      bytesInAll -= state.heldBytes;
      state.heldBytes = 0;
      const { countedFor } = state;
      if (countedFor === undefined) return;
      const left = (requestsOf.get(countedFor) ?? 1) - 1;
      if (left > 0) requestsOf.set(countedFor, left);
      else requestsOf.delete(countedFor);
      state.countedFor = undefined;
    },
  };
}
