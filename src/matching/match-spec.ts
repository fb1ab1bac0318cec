import * as z from 'zod/mini';
import { lazily, type SchemaValue } from '../adapter-kit/index.ts';
import type { MatchPair } from '../state/matches/match-rows.ts';
import { BLANKS, CASES } from './match-key.ts';
import {
  MATCH_KEYS_MAX,
  MATCH_POINTER_CHARACTERS_MAX,
  MATCH_PREFIX_CHARACTERS_MAX,
  MATCH_REQUESTS_PER_SECOND,
  MATCH_REQUESTS_PER_SECOND_MAX,
} from './match-limits.ts';

const STEP = '(?:/(?:[^~/]|~[01])+)+';
const POINTER = `^(?:/(?:upstreamId|name|description|status)|/(?:attributes|extensions)${STEP})$`;

const keyPointer = lazily(() =>
  z
    .string()
    .check(
      z.maxLength(MATCH_POINTER_CHARACTERS_MAX),
      z.regex(new RegExp(POINTER), 'must be a JSON Pointer of a canonical profile'),
    ),
);

/** A text for each target, in the order of the targets. */
export const pairSchema = lazily(() => z.array(z.string()).check(z.minLength(2), z.maxLength(2)));

const matchKeySchema = lazily(() =>
  z.strictObject({
    pointer: keyPointer().check(z.describe('JSON Pointer into the canonical profile.')),
    secondPointer: z
      .exactOptional(keyPointer())
      .check(z.describe('The same at the second target, where it is another one.')),
    case: z.enum(CASES),
    blanks: z
      .enum(BLANKS)
      .check(z.describe('`collapse`: cut at the ends, and one blank in place of several.')),
  }),
);

const newLinkIdSchema = lazily(() =>
  z.strictObject({
    pointer: keyPointer().check(z.describe('JSON Pointer into the profile at the first target.')),
    prefix: z.exactOptional(z.string().check(z.maxLength(MATCH_PREFIX_CHARACTERS_MAX))),
  }),
);

const keys = <T extends z.ZodMiniType>(key: T) =>
  z
    .array(key)
    .check(
      z.minLength(1),
      z.maxLength(MATCH_KEYS_MAX),
      z.describe('Profiles match where all parts of their keys are equal.'),
    );

const requestsPerSecond = lazily(() =>
  z
    .int()
    .check(
      z.minimum(1),
      z.maximum(MATCH_REQUESTS_PER_SECOND_MAX),
      z.describe('Most pages that are requested in a second.'),
    ),
);

/** Subject of a match run. */
export const matchSpecSchema = lazily(() =>
  z.strictObject({
    targets: pairSchema().check(
      z.describe('The two targets; ids of new links come from the first.'),
    ),
    keys: keys(matchKeySchema()),
    newLinkId: z
      .exactOptional(newLinkIdSchema())
      .check(z.describe('Ids of new links; absent: the upstream id at the first target.')),
    requestsPerSecond: requestsPerSecond(),
  }),
);

export type MatchSpec = SchemaValue<typeof matchSpecSchema>;

/** The same as an operator writes it. */
export const matchRequestSchema = lazily(() => {
  const { blanks, case: letterCase, ...pointers } = matchKeySchema().shape;
  return z.strictObject({
    ...matchSpecSchema().shape,
    keys: keys(
      z.strictObject({
        ...pointers,
        case: z.exactOptional(letterCase).check(z.describe('By default `ignore`.')),
        blanks: z.exactOptional(blanks).check(z.describe('By default `collapse`.')),
      }),
    ),
    requestsPerSecond: z
      .exactOptional(requestsPerSecond())
      .check(z.describe(`By default ${MATCH_REQUESTS_PER_SECOND}.`)),
  });
});

/** Adds what an operator has left out. */
export function matchSpecOf(request: SchemaValue<typeof matchRequestSchema>): MatchSpec {
  return {
    ...request,
    keys: request.keys.map((key) => ({ case: 'ignore', blanks: 'collapse', ...key })),
    requestsPerSecond: request.requestsPerSecond ?? MATCH_REQUESTS_PER_SECOND,
  };
}

/** Steps of a run, in their order. */
export const MATCH_PHASES = ['list_first', 'list_second', 'read_links', 'compare', 'done'] as const;
export type MatchPhase = (typeof MATCH_PHASES)[number];

/** Schema of a number of something. */
export const matchAmount = lazily(() => z.int().check(z.minimum(0)));

const SIDE_NAMES = ['first', 'second'] as const;

const progressSchema = lazily(() =>
  z.object({
    phase: z.enum(MATCH_PHASES),
    /** Place in the list of the target, as the target itself states it. */
    position: z.exactOptional(z.string()),
    pages: matchAmount(),
    listed: z.object({ first: matchAmount(), second: matchAmount() }),
    /** Sides whose lists may have missed profiles: several pages with numbers. */
    shifting: z.exactOptional(z.array(z.enum(SIDE_NAMES))),
    /** Links that the run knows: those of a version, and a digest of the file. */
    linkPlace: z.object({ version: matchAmount(), id: z.string() }),
    linksVersion: matchAmount(),
    linksFile: z.string(),
    /** Keys of groups that a decision, or a link that was changed, has left to be compared. */
    uncompared: z.exactOptional(z.array(z.string())),
    /** Key of the last group that was compared. */
    after: z.string(),
  }),
);

export type MatchProgress = SchemaValue<typeof progressSchema>;

/** Progress of a run that has not begun. */
export const FIRST_PROGRESS: MatchProgress = {
  phase: 'list_first',
  pages: 0,
  listed: { first: 0, second: 0 },
  linkPlace: { version: 0, id: '' },
  linksVersion: 0,
  linksFile: '',
  after: '',
};

/** A run whose stored texts were read. */
export type ReadRun<T> = T & { readonly spec: MatchSpec; readonly progress: MatchProgress };

/** Reads the texts of a stored run; throws where another program has written them. */
export function readRun<T extends { readonly spec: string; readonly progress: string }>(
  run: T,
): Omit<T, 'spec' | 'progress'> & { readonly spec: MatchSpec; readonly progress: MatchProgress } {
  return {
    ...run,
    spec: matchSpecSchema().parse(JSON.parse(run.spec)),
    progress: progressSchema().parse(JSON.parse(run.progress)),
  };
}

/** Returns the targets of a run in their order. */
export function targetsOf({
  targets: [first = '', second = ''],
}: Pick<MatchSpec, 'targets'>): MatchPair {
  return [first, second];
}
