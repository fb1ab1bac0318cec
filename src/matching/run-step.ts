import { type Result, succeed } from '../adapter-kit/index.ts';
import type { MatchStep } from '../state/matches/match-rows.ts';
import { MATCH_ROWS_PER_STEP } from './match-limits.ts';
import { type MatchProgress, type ReadRun, targetsOf } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import { situationOf } from './situation.ts';

/** Result of one step of a run, to be stored with its progress. */
export type StepDone = Partial<Pick<MatchStep, 'items' | 'links' | 'candidates'>> & {
  readonly progress: MatchProgress;
};

/** Stores a step; false where the lease is over, or the run was stopped. */
export type StoreStep = (step: StepDone) => Promise<boolean>;

/** Finds the situations of the next groups of a run. */
export async function compareStep(
  { store }: Pick<MatchingPorts, 'store'>,
  { id, progress, spec }: ReadRun<{ readonly id: string }>,
): Promise<Result<StepDone>> {
  const place = { after: progress.after, max: MATCH_ROWS_PER_STEP };
  const groups = await store.groupsAfter(id, targetsOf(spec), place);
  const candidates = groups.map((group) => ({ key: group.key, situation: situationOf(group) }));
  const last = groups.at(-1);
  if (last === undefined || groups.length < MATCH_ROWS_PER_STEP) {
    return succeed({ candidates, progress: { ...progress, phase: 'done', after: '' } });
  }
  return succeed({ candidates, progress: { ...progress, after: last.key } });
}
