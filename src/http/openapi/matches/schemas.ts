import * as z from 'zod/mini';
import { lazily } from '../../../adapter-kit/index.ts';
import { matchAmount } from '../../../matching/match-spec.ts';
import {
  candidateSchema,
  countedMatchSchema,
  decidedParts,
  matchRunSchema,
} from '../../routes/matches/match-view.ts';
import { nameSchemaAs } from '../admin-schemas.ts';

const matchRun = lazily(() => nameSchemaAs('MatchRun', matchRunSchema()));

/** Responses about match runs. */
export const matchAnswers = lazily(
  () =>
    ({
      run: matchRun(),
      runs: nameSchemaAs('MatchRunList', z.object({ matches: z.array(matchRun()) })),
      candidates: nameSchemaAs(
        'MatchCandidates',
        z.object({
          ...countedMatchSchema().shape,
          candidates: z.array(nameSchemaAs('MatchCandidate', candidateSchema())),
          next: z
            .exactOptional(z.string())
            .check(z.describe('Send it as `after` for the next page; absent on the last one.')),
        }),
      ),
      confirmed: nameSchemaAs(
        'MatchesConfirmed',
        z.object({
          confirmed: matchAmount().check(
            z.describe('Number of candidates whose profiles were linked.'),
          ),
          ...decidedParts(),
          version: z
            .exactOptional(matchAmount())
            .check(z.describe('Version of the links that were set.')),
          inForceEverywhere: z
            .exactOptional(z.boolean())
            .check(
              z.describe('No live replica reads by an older version, or still writes by one.'),
            ),
        }),
      ),
      refused: nameSchemaAs(
        'MatchesRefused',
        z.object({
          refused: matchAmount().check(z.describe('Number of pairs that were refused.')),
          ...decidedParts(),
        }),
      ),
    }) as const,
);
