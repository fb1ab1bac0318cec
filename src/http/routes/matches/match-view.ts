import * as z from 'zod/mini';
import { lazily, type SchemaValue } from '../../../adapter-kit/index.ts';
import { MATCH_PROFILES_SHOWN } from '../../../matching/match-limits.ts';
import {
  MATCH_PHASES,
  type MatchProgress,
  type MatchSpec,
  matchAmount,
  matchSpecSchema,
  readRun,
  targetsOf,
} from '../../../matching/match-spec.ts';
import { SKIP_REASONS } from '../../../matching/pairs.ts';
import {
  type LinkedMatchItem,
  MATCH_STATES,
  type MatchCandidate,
  type MatchRun,
  SITUATIONS,
  type Situation,
} from '../../../state/matches/match-rows.ts';

/** States of a run as operators see it: `interrupted` where its replica is gone. */
const SHOWN_STATES = [...MATCH_STATES, 'interrupted'] as const;

/** A match run as operators see it. Times are RFC 3339, in UTC. */
export const matchRunSchema = lazily(() =>
  z.object({
    id: z.string(),
    createdAt: z.string(),
    by: z.exactOptional(z.string()).check(z.describe('The operator that has started it.')),
    state: z
      .enum(SHOWN_STATES)
      .check(z.describe('`interrupted`: its replica is gone; resume it, at any other one.')),
    phase: z.enum(MATCH_PHASES),
    ...matchSpecSchema().shape,
    pages: matchAmount().check(z.describe('Pages that were requested of both targets.')),
    listed: z
      .object({ first: matchAmount(), second: matchAmount() })
      .check(z.describe('Profiles that the first and the second target have listed so far.')),
    shifting: z
      .exactOptional(z.array(z.string()))
      .check(
        z.describe(
          'Targets listed by pages with numbers, which may have missed profiles while others ' +
            'were created or deleted: there `missing` and `extra` do not prove that there is no ' +
            'partner.',
        ),
      ),
    problem: z
      .exactOptional(z.string())
      .check(z.describe('Why it has failed, or the failure after which it tries again.')),
  }),
);

export type MatchRunView = SchemaValue<typeof matchRunSchema>;

const situationCounts = lazily(() =>
  z.object({
    unique: matchAmount(),
    ambiguous: matchAmount(),
    duplicate_key: matchAmount(),
    missing: matchAmount(),
    extra: matchAmount(),
    already_linked: matchAmount(),
    refused: matchAmount(),
  } satisfies Record<Situation, z.ZodMiniType>),
);

/** Profiles with the same key as operators see them. Values of profiles stand nowhere in it. */
export const candidateSchema = lazily(() =>
  z.object({
    candidate: z.string().check(z.describe('Names it in decisions; of one run only.')),
    situation: z.enum(SITUATIONS),
    hasKey: z.boolean().check(z.describe('False: the profile has nothing to compare it by.')),
    profiles: z
      .array(
        z.object({
          target: z.string(),
          upstreamId: z.string(),
          link: z.exactOptional(z.string()).check(z.describe('Id of the link that leads to it.')),
          linkedTo: z
            .exactOptional(z.string())
            .check(z.describe('Upstream id at the other target that the same link names.')),
          newLinkId: z
            .exactOptional(z.string())
            .check(z.describe('Id that a new link gets, where none leads to it.')),
        }),
      )
      .check(z.describe(`Up to ${MATCH_PROFILES_SHOWN} of each target.`)),
    hasMore: z.boolean().check(z.describe('More profiles have the key than are shown.')),
  }),
);

export type CandidateView = SchemaValue<typeof candidateSchema>;

/** A match run with the numbers of its candidates. */
export const countedMatchSchema = lazily(() =>
  z.object({
    ...matchRunSchema().shape,
    situations: z
      .exactOptional(situationCounts())
      .check(z.describe('Numbers of candidates, once it compares; absent where `after` is sent.')),
  }),
);

const skipped = lazily(() =>
  z
    .array(z.object({ candidate: z.string(), reason: z.enum(SKIP_REASONS) }))
    .check(z.describe('Candidates for which nothing was done.')),
);

/** The part that the responses to decisions share. */
export const decidedParts = lazily(() => ({
  skipped: skipped(),
  next: z
    .exactOptional(z.string())
    .check(z.describe('Send it as `after` to go on with `all`; absent where all were seen.')),
}));

export function matchRunView(stored: MatchRun): MatchRunView {
  const { by, createdAtMs, id, isLeased, problem, progress, spec, state } = readRun(stored);
  return {
    id,
    createdAt: new Date(createdAtMs).toISOString(),
    ...(by === '' ? {} : { by }),
    state: state === 'running' && !isLeased ? 'interrupted' : state,
    phase: progress.phase,
    ...spec,
    pages: progress.pages,
    listed: progress.listed,
    ...shiftingPart(progress, spec),
    ...(problem === '' ? {} : { problem }),
  };
}

function shiftingPart(
  { shifting = [] }: Pick<MatchProgress, 'shifting'>,
  spec: MatchSpec,
): Pick<MatchRunView, 'shifting'> {
  const [first, second] = targetsOf(spec);
  const names = shifting.map((side) => (side === 'first' ? first : second));
  return names.length === 0 ? {} : { shifting: names };
}

/** Returns the number of candidates in each situation. */
export function situationsView(
  counts: Partial<Record<Situation, number>>,
): SchemaValue<typeof situationCounts> {
  return {
    unique: counts.unique ?? 0,
    ambiguous: counts.ambiguous ?? 0,
    duplicate_key: counts.duplicate_key ?? 0,
    missing: counts.missing ?? 0,
    extra: counts.extra ?? 0,
    already_linked: counts.already_linked ?? 0,
    refused: counts.refused ?? 0,
  };
}

/** Returns a candidate with its profiles, of which one more than is shown was read. */
export function candidateView(
  { targets }: Pick<MatchRunView, 'targets'>,
  { key, situation }: MatchCandidate,
  items: readonly LinkedMatchItem[],
): CandidateView {
  const names = targetsOf({ targets });
  const sides = ([0, 1] as const).map((side) => items.filter((item) => item.side === side));
  const shown = sides.flatMap((side) => side.slice(0, MATCH_PROFILES_SHOWN));
  return {
    candidate: key,
    situation,
    hasKey: items.every(({ hasKey }) => hasKey),
    profiles: shown.map(({ linkedTo, linkId, newLinkId, side, upstreamId }) => ({
      target: names[side],
      upstreamId,
      ...(linkId === undefined ? {} : { link: linkId }),
      ...(linkedTo === undefined ? {} : { linkedTo }),
      ...(linkId !== undefined || newLinkId === '' ? {} : { newLinkId }),
    })),
    hasMore: sides.some((side) => side.length > MATCH_PROFILES_SHOWN),
  };
}
