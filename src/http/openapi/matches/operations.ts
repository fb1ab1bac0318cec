import { type FaultCode, lazily } from '../../../adapter-kit/index.ts';
import {
  MATCH_DECISIONS_AT_ONCE_MAX,
  MATCH_DECISIONS_MAX,
} from '../../../matching/match-limits.ts';
import { keyHeadersSchema } from '../../middleware/idempotency-key.ts';
import type { Paths } from '../../paths.ts';
import {
  candidateQuerySchema,
  confirmSchema,
  refuseSchema,
  startMatchSchema,
} from '../../routes/matches/match-query.ts';
import { optionalReasonSchema } from '../../routes/reason.ts';
import { matchExamples } from '../examples/matches.ts';
import { OF_STATE, type Operation } from '../operation.ts';
import { matchAnswers } from './schemas.ts';

const JSON_BODY: readonly FaultCode[] = [
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'invalid_patch',
];

const OF_KEYS: readonly FaultCode[] = ['invalid_idempotency_key', 'idempotency_key_reused'];

const DECIDES: readonly FaultCode[] = [
  ...OF_STATE,
  'match_not_ready',
  'invalid_cursor',
  'overloaded',
  ...JSON_BODY,
];

const AT_ONCE =
  `Up to ${MATCH_DECISIONS_MAX} candidates by name, or up to ${MATCH_DECISIONS_AT_ONCE_MAX} ` +
  'of all that are unique: go on with `next`.';

type MatchPaths = Pick<Paths, Extract<keyof Paths, `/admin/matches${string}`>>;

/** The documentation of the routes about match runs. */
export const matchOperations = lazily(
  (): {
    readonly [P in keyof MatchPaths]: { readonly [M in MatchPaths[P][number]]: Operation };
  } => ({
    '/admin/matches': {
      GET: {
        id: 'listMatches',
        summary: 'The match runs, the newest first',
        scope: 'admin:read',
        answer: matchAnswers().runs,
        example: matchExamples.runs,
        codes: OF_STATE,
      },
      POST: {
        id: 'startMatch',
        summary: 'Compare the profiles of two targets, to find which are the same',
        description: 'Lists both targets; writes nothing. Links are set by confirming candidates.',
        scope: 'admin',
        headers: keyHeadersSchema(),
        body: startMatchSchema(),
        bodyExample: matchExamples.start,
        answer: matchAnswers().run,
        example: matchExamples.run,
        responseHeaders: ['Idempotency-Replayed', 'X-Write-Id'],
        codes: [...OF_STATE, 'unknown_target', 'overloaded', ...JSON_BODY, ...OF_KEYS],
      },
    },
    '/admin/matches/:id': {
      GET: {
        id: 'readMatch',
        summary: 'A match run with a page of its candidates',
        scope: 'admin:read',
        query: candidateQuerySchema(),
        answer: matchAnswers().candidates,
        example: matchExamples.candidates,
        codes: [...OF_STATE, 'invalid_filter', 'invalid_cursor'],
      },
    },
    '/admin/matches/:id/confirm': {
      POST: {
        id: 'confirmMatches',
        summary: 'Link the profiles of candidates',
        description: `${AT_ONCE} A link that leads elsewhere is never replaced.`,
        scope: 'admin',
        body: confirmSchema(),
        bodyExample: matchExamples.confirm,
        answer: matchAnswers().confirmed,
        example: matchExamples.confirmed,
        responseHeaders: ['X-Write-Id'],
        codes: DECIDES,
      },
    },
    '/admin/matches/:id/refuse': {
      POST: {
        id: 'refuseMatches',
        summary: 'Note that the profiles of candidates are not the same',
        description: `${AT_ONCE} A refused pair stays refused, in later runs too.`,
        scope: 'admin',
        body: refuseSchema(),
        bodyExample: matchExamples.refuse,
        answer: matchAnswers().refused,
        example: matchExamples.refused,
        responseHeaders: ['X-Write-Id'],
        codes: DECIDES,
      },
    },
    '/admin/matches/:id/resume': {
      POST: {
        id: 'resumeMatch',
        summary: 'Go on with a match run, or compare anew by the links of now',
        scope: 'admin',
        body: optionalReasonSchema(),
        mayLackBody: true,
        bodyExample: matchExamples.reason,
        answer: matchAnswers().run,
        example: matchExamples.run,
        responseHeaders: ['X-Write-Id'],
        codes: [...OF_STATE, 'match_not_ready', 'overloaded', ...JSON_BODY],
      },
    },
    '/admin/matches/:id/stop': {
      POST: {
        id: 'stopMatch',
        summary: 'Stop a match run that is under way; it can be resumed',
        scope: 'admin',
        body: optionalReasonSchema(),
        mayLackBody: true,
        bodyExample: matchExamples.reason,
        answer: matchAnswers().run,
        example: matchExamples.stopped,
        responseHeaders: ['X-Write-Id'],
        codes: [...OF_STATE, ...JSON_BODY],
      },
    },
  }),
);
