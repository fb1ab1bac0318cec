import { type FaultCode, lazily } from '../../adapter-kit/index.ts';
import { REASON_CHARACTERS_MAX, RECEIPTS_EXPORTED_MAX } from '../../limits.ts';
import type { Paths } from '../paths.ts';
import {
  inDoubtQuerySchema,
  profileQuerySchema,
  receiptQuerySchema,
} from '../routes/admin-query.ts';
import { rulesQuerySchema } from '../routes/overview/rules.ts';
import { overviewAnswers } from '../routes/overview/schemas.ts';
import { optionalReasonSchema, reasonSchema } from '../routes/reason.ts';
import { adminAnswers } from './admin-schemas.ts';
import { operatorExamples } from './examples/operators.ts';
import { linkOperations } from './link-operations.ts';
import { matchOperations } from './matches/operations.ts';
import { CALLER, OF_STATE, type Operation } from './operation.ts';
import { stateAnswers } from './state-schemas.ts';

const REASON: readonly FaultCode[] = [
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'invalid_patch',
];

const DRAIN_CODES: readonly FaultCode[] = [...CALLER, 'unknown_target', ...REASON];

const PROFILE_ON_WORKERS = 'On Workers `profile` is required: each profile keeps its own state.';

const REASON_KEPT = `The reason, up to ${REASON_CHARACTERS_MAX} characters, stands in the receipt.`;

const LIFT: readonly FaultCode[] = [
  ...OF_STATE,
  'invalid_id',
  'route_not_found',
  'link_not_found',
  'unknown_target',
  'profile_in_doubt',
  ...REASON,
];

type AdminPaths = Pick<Paths, Extract<keyof Paths, `/admin/${string}`>>;

/** The documentation of the routes of operators. */
export const adminOperations = lazily(
  (): {
    readonly [P in keyof AdminPaths]: { readonly [M in AdminPaths[P][number]]: Operation };
  } => ({
    '/admin/targets': {
      GET: {
        id: 'listTargets',
        summary: 'How each target does',
        scope: 'admin:read',
        answer: adminAnswers().targets,
        example: operatorExamples.targets,
        codes: CALLER,
      },
    },
    '/admin/targets/:target': {
      GET: {
        id: 'readTarget',
        summary: 'How one target does, its last failures, and its fields',
        description:
          'The words of the vendor in `failures` are for callers who may read profiles of the ' +
          'target, since a vendor may quote the value that it rejects.',
        scope: 'admin:read',
        answer: overviewAnswers().target,
        example: operatorExamples.targetDetail,
        codes: [...CALLER, 'unknown_target'],
      },
    },
    '/admin/targets/:target/drain': {
      POST: {
        id: 'drainTarget',
        summary: 'Send nothing to a target until it is undrained',
        scope: 'admin',
        body: optionalReasonSchema(),
        mayLackBody: true,
        bodyExample: operatorExamples.reason,
        answer: adminAnswers().target,
        example: operatorExamples.drained,
        responseHeaders: ['X-Write-Id'],
        codes: DRAIN_CODES,
      },
    },
    '/admin/targets/:target/undrain': {
      POST: {
        id: 'undrainTarget',
        summary: 'Restore the configured mode of a target',
        scope: 'admin',
        body: optionalReasonSchema(),
        mayLackBody: true,
        bodyExample: operatorExamples.reason,
        answer: adminAnswers().target,
        example: operatorExamples.target,
        responseHeaders: ['X-Write-Id'],
        codes: DRAIN_CODES,
      },
    },
    '/admin/routes': {
      GET: {
        id: 'listRoutes',
        summary: 'The rules in their order, and the targets of ids',
        description:
          '`ids` are resolved as for a request of `caller` with `headers`. Both have one entry ' +
          'per line, a header as `Name: value`.',
        scope: 'admin:read',
        query: rulesQuerySchema(),
        answer: overviewAnswers().rules,
        example: operatorExamples.rules,
        codes: [...CALLER, 'invalid_filter'],
      },
    },
    '/admin/stats': {
      GET: {
        id: 'readStats',
        summary: 'Requests about profiles over the last hour',
        description: '`processes` names those that it speaks for. Not on Workers.',
        scope: 'admin:read',
        answer: overviewAnswers().stats,
        example: operatorExamples.stats,
        codes: CALLER,
      },
    },
    '/admin/caller': {
      GET: {
        id: 'readCaller',
        summary: 'Who calls, and the scopes in force',
        scope: 'admin:read',
        answer: overviewAnswers().caller,
        example: operatorExamples.caller,
        codes: CALLER,
      },
    },
    '/admin/config': {
      GET: {
        id: 'readConfiguration',
        summary: 'The configuration in force, its secrets hidden',
        scope: 'admin:read',
        answer: adminAnswers().configuration,
        example: operatorExamples.configuration,
        codes: CALLER,
      },
    },
    '/admin/replicas': {
      GET: {
        id: 'listReplicas',
        summary: 'The processes that share the state',
        scope: 'admin:read',
        answer: stateAnswers().replicas,
        example: operatorExamples.replicas,
        codes: OF_STATE,
      },
    },
    '/admin/receipts': {
      GET: {
        id: 'listReceipts',
        summary: 'How writes have ended, and what operators have changed; the newest first',
        description:
          'All filters must hold. `since` is included, `until` is not. `limit` is 100 where ' +
          `it is absent. With \`Accept: application/x-ndjson\` up to ${RECEIPTS_EXPORTED_MAX} ` +
          `receipts are sent as lines. ${PROFILE_ON_WORKERS}`,
        scope: 'admin:read',
        query: receiptQuerySchema(),
        answer: stateAnswers().receipts,
        example: operatorExamples.receipts,
        lines:
          'One `Receipt` per line. The last line is `{"next": …}`: the value of `after` for the ' +
          'rest, or null. Without that line the response was cut off.',
        linesExample: operatorExamples.receiptLines,
        codes: [...OF_STATE, 'invalid_filter', 'invalid_cursor'],
      },
    },
    '/admin/receipts/:writeId': {
      GET: {
        id: 'readReceipt',
        summary: 'How one write has ended',
        description: PROFILE_ON_WORKERS,
        scope: 'admin:read',
        query: profileQuerySchema(),
        answer: stateAnswers().receipt,
        example: operatorExamples.receipt,
        codes: [...OF_STATE, 'invalid_filter'],
      },
    },
    '/admin/in-doubt': {
      GET: {
        id: 'listInDoubt',
        summary: 'Profiles that an earlier write may still change, and creates that are open',
        description: PROFILE_ON_WORKERS,
        scope: 'admin:read',
        query: inDoubtQuerySchema(),
        answer: stateAnswers().inDoubt,
        example: operatorExamples.inDoubt,
        codes: [...OF_STATE, 'invalid_filter', 'invalid_cursor'],
      },
    },
    '/admin/in-doubt/:id': {
      DELETE: {
        id: 'liftInDoubt',
        summary:
          'Let a profile be written again that an earlier write may change, or end an open create',
        description: REASON_KEPT,
        scope: 'admin',
        body: reasonSchema(),
        bodyExample: operatorExamples.reason,
        answer: stateAnswers().lifted,
        example: operatorExamples.lifted,
        responseHeaders: ['X-Write-Id'],
        codes: LIFT,
      },
    },
    ...linkOperations(),
    ...matchOperations(),
  }),
);
