import { type FaultCode, lazily } from '../../adapter-kit/index.ts';
import { METRICS_TYPE } from '../../telemetry/metrics.ts';
import { patchHeadersSchema } from '../middleware/idempotency-key.ts';
import {
  deleteHeadersSchema,
  explainQuerySchema,
  readHeadersSchema,
  writeHeadersSchema,
} from '../middleware/profile-request.ts';
import type { Paths } from '../paths.ts';
import { listQuerySchema } from '../routes/listing/list-query-schema.ts';
import { adminOperations } from './admin-operations.ts';
import { adminAnswers } from './admin-schemas.ts';
import { createOperation, explainCreateOperation } from './create/create-operations.ts';
import { callerExamples } from './examples/callers.ts';
import { CALLER, CONFIGURED, type Operation } from './operation.ts';
import { successResponses } from './response-schemas.ts';

const READ: readonly FaultCode[] = [
  ...CALLER,
  'invalid_id',
  'profile_not_found',
  'route_not_found',
  'link_not_found',
  'unknown_target',
  'conflict',
  'precondition_failed',
  'rejected_by_target',
  'target_unauthorized',
  'target_forbidden',
  'target_misconfigured',
  'target_invalid_response',
  'target_unavailable',
  'target_rate_limited',
  'target_timeout',
  'overloaded',
];

const LIST_CODES: readonly FaultCode[] = [
  ...CALLER,
  'invalid_filter',
  'invalid_cursor',
  'unknown_target',
  'method_not_allowed',
  'rejected_by_target',
  'conflict',
  'profile_not_found',
  'target_unauthorized',
  'target_forbidden',
  'target_misconfigured',
  'target_invalid_response',
  'target_unavailable',
  'target_rate_limited',
  'target_timeout',
  'overloaded',
];

const DELETE_CODES: readonly FaultCode[] = [
  ...READ,
  'method_not_allowed',
  'link_exists',
  'target_read_only',
  'state_unavailable',
  'profile_in_doubt',
  'outcome_unknown',
];

const PATCH: readonly FaultCode[] = [
  ...READ,
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'invalid_patch',
  'field_forbidden',
];

const WRITE: readonly FaultCode[] = [
  ...PATCH,
  'unsupported_patch',
  'not_atomic',
  'not_stored',
  'partially_applied',
  'target_read_only',
  'state_unavailable',
  'profile_in_doubt',
  'invalid_idempotency_key',
  'idempotency_key_reused',
  'request_in_progress',
  'idempotency_keys_lost',
  'outcome_unknown',
];

/** The documentation of every route. */
export const operations = lazily(
  (): {
    readonly [P in keyof Paths]: { readonly [M in Paths[P][number]]: Operation };
  } => ({
    '/profiles': {
      GET: {
        id: 'listProfiles',
        summary: 'List profiles of a target, page by page',
        description:
          'Further filters of a target, and the greatest `limit`, are in its capabilities: a ' +
          'filter of a vendor is called `extensions.<vendor>.<field>`. Every item meets the ' +
          'filters exactly, and a page may have none although others follow.',
        scope: 'profiles:read',
        query: listQuerySchema(),
        answer: successResponses().profileList,
        responseHeaders: ['Link'],
        upstream: true,
        codes: LIST_CODES,
      },
      POST: createOperation(),
    },
    '/profiles/explain': { POST: explainCreateOperation() },
    '/profiles/:id': {
      GET: {
        id: 'readProfile',
        summary: 'Read a profile',
        scope: 'profiles:read',
        headers: readHeadersSchema(),
        answer: successResponses().profile,
        responseHeaders: ['ETag'],
        mayBeUnchanged: true,
        upstream: true,
        codes: READ,
      },
      PATCH: {
        id: 'patchProfile',
        summary: 'Change a profile by a JSON Merge Patch (RFC 7396)',
        description:
          'Null clears a field. A field that the target does not support as given is rejected ' +
          'before anything is sent, unless `Prefer: handling=lenient` allows to drop it.',
        scope: 'profiles:write',
        headers: patchHeadersSchema(),
        takesPatch: true,
        answer: successResponses().write,
        responseHeaders: ['ETag', 'Idempotency-Replayed', 'Preference-Applied', 'X-Write-Id'],
        upstream: true,
        codes: WRITE,
      },
      DELETE: {
        id: 'deleteProfile',
        summary: 'Delete a profile, and the links that lead to it',
        description:
          'Deleted for good at the vendor. A target that does not delete answers 405 with those ' +
          'that do; a repeat of a delete that is done is 404.',
        scope: 'profiles:delete',
        headers: deleteHeadersSchema(),
        responseHeaders: ['X-Write-Id'],
        upstream: true,
        codes: DELETE_CODES,
      },
    },
    '/profiles/:id/explain': {
      POST: {
        id: 'explainPatch',
        summary: 'Explain what a patch would send, without sending it (dry run)',
        scope: 'profiles:write',
        headers: writeHeadersSchema(),
        query: explainQuerySchema(),
        takesPatch: true,
        answer: successResponses().explanation,
        example: callerExamples.explanation,
        upstream: true,
        codes: PATCH,
      },
    },
    '/capabilities': {
      GET: {
        id: 'listCapabilities',
        summary: 'List the capabilities of all targets',
        scope: 'profiles:read',
        answer: successResponses().capabilityList,
        example: callerExamples.capabilityList,
        codes: CALLER,
      },
    },
    '/capabilities/:target': {
      GET: {
        id: 'readCapabilities',
        summary: 'Read the capabilities of one target',
        scope: 'profiles:read',
        answer: successResponses().capabilities,
        example: callerExamples.capabilities,
        codes: [...CALLER, 'unknown_target'],
      },
    },
    '/healthz': {
      GET: {
        id: 'health',
        summary: 'Check that the process responds',
        answer: successResponses().health,
        example: callerExamples.health,
        codes: ['internal_error'],
      },
    },
    '/readyz': {
      GET: {
        id: 'readiness',
        summary: 'Whether the gateway can serve, and what of it is degraded',
        answer: adminAnswers().readiness,
        example: callerExamples.readiness,
        codes: [...CONFIGURED, 'draining'],
      },
    },
    ...adminOperations(),
    '/metrics': {
      GET: {
        id: 'metrics',
        summary: 'What was counted, in the text format of Prometheus; not on every runtime',
        scope: 'admin:read',
        answer: successResponses().metrics,
        example: callerExamples.metrics,
        mediaType: METRICS_TYPE,
        codes: CALLER,
      },
    },
    '/problems/:code': {
      GET: {
        id: 'readProblemType',
        summary: 'Read the meaning of an error code',
        answer: successResponses().problemType,
        example: callerExamples.problemType,
        codes: ['internal_error', 'not_found'],
      },
    },
    '/openapi.json': {
      GET: {
        id: 'apiDocument',
        summary: 'This document',
        answer: successResponses().apiDocument,
        example: callerExamples.apiDocument,
        codes: ['internal_error'],
      },
    },
  }),
);
