import * as z from 'zod/mini';
import { lazily } from '../../../adapter-kit/index.ts';
import { MATCH_DECISIONS_MAX } from '../../../matching/match-limits.ts';
import { matchRequestSchema, pairSchema } from '../../../matching/match-spec.ts';
import { SITUATIONS } from '../../../state/matches/match-rows.ts';
import { pageQuerySchema } from '../admin-query.ts';
import { reasonSchema } from '../reason.ts';

const reason = lazily(() => z.exactOptional(reasonSchema().shape.reason));

/** The body of a request that starts a match run. */
export const startMatchSchema = lazily(() =>
  z.strictObject({ ...matchRequestSchema().shape, reason: reason() }),
);

/** The query of one match run with its candidates. */
export const candidateQuerySchema = lazily(() =>
  z.strictObject({
    situation: z.optional(z.enum(SITUATIONS, `must be one of ${SITUATIONS.join(', ')}`)),
    ...pageQuerySchema().shape,
  }),
);

const candidate = lazily(() =>
  z
    .string()
    .check(
      z.regex(/^[0-9a-f]{32}$/, 'must be the candidate of a run'),
      z.describe('The `candidate` that the run shows.'),
    ),
);

const id = lazily(() =>
  z
    .string()
    .check(z.regex(/^\P{Cc}{1,256}$/u, 'must have 1 to 256 characters, no control character')),
);

const upstreamIds = lazily(() =>
  z
    .exactOptional(pairSchema())
    .check(z.describe('The pair that is meant, at the first and the second target.')),
);

const all = lazily(() =>
  z.literal('unique').check(z.describe('All candidates that are `unique`.')),
);
const after = lazily(() =>
  z
    .exactOptional(z.string())
    .check(z.describe('The `next` of the response before, where that has one.')),
);

const listOf = <T extends z.ZodMiniType>(item: T) =>
  z.array(item).check(z.minLength(1), z.maxLength(MATCH_DECISIONS_MAX));

/** The body of a request that confirms candidates. */
export const confirmSchema = lazily(() =>
  z.union([
    z.strictObject({ all: all(), after: after(), reason: reason() }),
    z.strictObject({
      candidates: listOf(
        z.strictObject({
          candidate: candidate(),
          upstreamIds: upstreamIds(),
          id: z
            .exactOptional(id())
            .check(z.describe('Id of the new link, in place of the one that the run has found.')),
        }),
      ),
      reason: reason(),
    }),
  ]),
);

/** The body of a request that refuses candidates. */
export const refuseSchema = lazily(() =>
  z.union([
    z.strictObject({ all: all(), after: after(), reason: reason() }),
    z.strictObject({
      candidates: listOf(z.strictObject({ candidate: candidate(), upstreamIds: upstreamIds() })),
      reason: reason(),
    }),
  ]),
);
