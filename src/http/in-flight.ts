import type { Caller } from '../auth/caller.ts';
import { BODY_BYTES_IN_FLIGHT_MAX, CALLER_REQUESTS_IN_FLIGHT_MAX } from '../limits.ts';
import { createCompactingMap } from '../state/compacting-map.ts';
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

/** On Workers an invocation may be stopped in the middle: what it held is given back after this. */
const STOPPED_MS = 60_000;
/** Requests in flight are looked through no more often than this. */
const RECLAIM_MS = 1_000;

export function createInFlight(monotonicMs: () => number): InFlight {
  let bytesInAll = 0;
  let reclaimedAtMs = Number.NEGATIVE_INFINITY;
  const requestsOf = createCompactingMap<string, number>();
  const holders = createCompactingMap<RequestState, true>();

  const end = (state: RequestState): void => {
    if (!holders.delete(state)) return;
    bytesInAll -= state.heldBytes;
    state.heldBytes = 0;
    const { countedFor } = state;
    if (countedFor === undefined) return;
    state.countedFor = undefined;
    const left = (requestsOf.get(countedFor) ?? 1) - 1;
    if (left > 0) requestsOf.set(countedFor, left);
    else requestsOf.delete(countedFor);
  };
  const reclaim = (): void => {
    const nowMs = monotonicMs();
    if (nowMs - reclaimedAtMs < RECLAIM_MS) return;
    reclaimedAtMs = nowMs;
    for (const state of holders.keys()) if (nowMs - state.startMs > STOPPED_MS) end(state);
  };
  const orReclaimed = (isFull: () => boolean): boolean => {
    if (!isFull()) return false;
    reclaim();
    return isFull();
  };

  return {
    enter: (state, { maxConcurrentRequests = CALLER_REQUESTS_IN_FLIGHT_MAX, name }) => {
      if (orReclaimed(() => (requestsOf.get(name) ?? 0) >= maxConcurrentRequests)) return false;
      requestsOf.set(name, (requestsOf.get(name) ?? 0) + 1);
      state.countedFor = name;
      holders.set(state, true);
      return true;
    },
    hold: (state, bytes) => {
      const more = bytes - state.heldBytes;
      if (orReclaimed(() => bytesInAll + more > BODY_BYTES_IN_FLIGHT_MAX)) return false;
      bytesInAll += more;
      state.heldBytes = bytes;
      holders.set(state, true);
      return true;
    },
    end,
  };
}
