import type { MatchStore } from '../../../../state/matches/match-store.ts';
import type { PostgresConnection } from '../connections.ts';
import { postgresMatchCandidates } from './candidates.ts';
import { postgresMatchGroups } from './groups.ts';
import { postgresMatchRuns } from './runs.ts';
import { postgresMatchSteps } from './steps.ts';

/** Keeps match runs. */
export function postgresMatches(slow: PostgresConnection): MatchStore {
  return {
    ...postgresMatchRuns(slow),
    ...postgresMatchGroups(slow),
    ...postgresMatchCandidates(slow),
    ...postgresMatchSteps(slow),
  };
}
