import type { MatchStore } from '../../../../state/matches/match-store.ts';
import type { SqliteConnection } from '../connection.ts';
import { createMatchCandidates, createMatchGroups } from './groups.ts';
import { createMatchRuns } from './runs.ts';
import { createMatchSteps } from './steps.ts';

/** Creates the statements about match runs. */
export function createMatches(connection: SqliteConnection): MatchStore {
  return {
    ...createMatchRuns(connection),
    ...createMatchGroups(connection),
    ...createMatchCandidates(connection),
    ...createMatchSteps(connection),
  };
}
