import { StateUnavailable } from '../state/state-database.ts';
import { MATCH_ATTEMPTS_MAX, MATCH_RETRY_MS, MATCH_RETRY_MS_MAX } from './match-limits.ts';
import type { MatchingPorts } from './matching-ports.ts';

/** Repeats a call while the state does not answer, a few times. */
export async function withRetries<T>(
  { sleep }: Pick<MatchingPorts, 'sleep'>,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= MATCH_ATTEMPTS_MAX || !(error instanceof StateUnavailable)) throw error;
    }
    await sleep(Math.min(MATCH_RETRY_MS * 2 ** (attempt - 1), MATCH_RETRY_MS_MAX));
  }
}
