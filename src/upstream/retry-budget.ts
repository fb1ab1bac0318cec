import { RETRY_WAIT_MS } from '../limits.ts';

/** Share of requests that may be retried, and most retries that the budget holds. */
export const RETRY_SHARE = 0.2;
export const RETRIES_SAVED_MAX = 10;

/** Keeps retries a small share of a target's traffic, so that they cannot overload it. */
export type RetryBudget = {
  /** Adds the share of one request. */
  readonly deposit: () => void;
  /** Takes one retry from the budget; false where none is left. */
  readonly tryWithdraw: () => boolean;
  /** Returns the number of retries that are left. */
  readonly available: () => number;
};

export function createRetryBudget(): RetryBudget {
  let saved = RETRIES_SAVED_MAX;
  return {
    deposit: () => {
      saved = Math.min(RETRIES_SAVED_MAX, saved + RETRY_SHARE);
    },
    tryWithdraw: () => {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
    available: () => Math.floor(saved),
  };
}

/** Returns a wait with full jitter: random, below a bound that doubles with each attempt from 1. */
export function retryWaitMs(attempt: number, random: () => number): number {
  return random() * RETRY_WAIT_MS * 2 ** (attempt - 1);
}
