import { RETRY_WAIT_MS } from '../limits.ts';

/** Share of requests that may be repeated, and how many repeats a quiet target may save up. */
export const RETRY_SHARE = 0.2;
export const RETRIES_SAVED_MAX = 10;

/** Keeps repeats a small share of a target's traffic, so that they cannot drown it. */
export type RetryBudget = {
  readonly deposit: () => void;
  /** Takes one repeat; false when the share is used up. */
  readonly tryWithdraw: () => boolean;
  /** Returns the number of repeats that are left. */
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

/** Full jitter: a random wait below a ceiling that doubles with each attempt, from 1 on. */
export function retryWaitMs(attempt: number, random: () => number): number {
  return random() * RETRY_WAIT_MS * 2 ** (attempt - 1);
}
