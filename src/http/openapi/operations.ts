import type * as z from 'zod/mini';
import type { FaultCode } from '../../adapter-kit/index.ts';
import type { Scope } from '../../auth/caller.ts';
import { METRICS_TYPE } from '../../telemetry/metrics.ts';
import { patchHeadersSchema } from '../middleware/idempotency-key.ts';
import {
  explainQuerySchema,
  readHeadersSchema,
  writeHeadersSchema,
} from '../middleware/profile-request.ts';
import type { Paths } from '../paths.ts';
import { adminAnswers } from './admin-schemas.ts';
import type { HeaderName } from './headers.ts';
import { successResponses } from './response-schemas.ts';

/** One method of one path in the API document. */
export type Operation = {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope?: Scope;
  readonly headers?: z.ZodMiniObject;
  readonly query?: z.ZodMiniObject;
  readonly takesPatch?: boolean;
  readonly answer: z.ZodMiniType;
  /** Media type of the response, if it is not JSON. */
  readonly mediaType?: string;
  /** Response headers besides those that every response may have. */
  readonly responseHeaders?: readonly HeaderName[];
  /** True if `If-None-Match` may result in 304. */
  readonly mayBeUnchanged?: boolean;
  /** True if it may send requests to a vendor. */
  readonly upstream?: boolean;
  /** Codes of every problem that it may return. */
  readonly codes: readonly FaultCode[];
};

/** Codes of every request that needs a configuration. */
export const CONFIGURED: readonly FaultCode[] = ['forbidden', 'internal_error', 'not_configured'];

/** `not_found`: the path is served by another listener. */
const CALLER: readonly FaultCode[] = [
  ...CONFIGURED,
  'unauthenticated',
  'rate_limited',
  'issuer_unavailable',
  'draining',
  'not_found',
];

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
  'outcome_unknown',
];

/** The documentation of every route. */
export const OPERATIONS: {
  readonly [P in keyof Paths]: { readonly [M in Paths[P][number]]: Operation };
} = {
  '/profiles/:id': {
    GET: {
      id: 'readProfile',
      summary: 'Read a profile',
      scope: 'profiles:read',
      headers: readHeadersSchema,
      answer: successResponses.profile,
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
      headers: patchHeadersSchema,
      takesPatch: true,
      answer: successResponses.write,
      responseHeaders: ['ETag', 'Idempotency-Replayed', 'Preference-Applied', 'X-Write-Id'],
      upstream: true,
      codes: WRITE,
    },
  },
  '/profiles/:id/explain': {
    POST: {
      id: 'explainPatch',
      summary: 'Explain what a patch would send, without sending it (dry run)',
      scope: 'profiles:write',
      headers: writeHeadersSchema,
      query: explainQuerySchema,
      takesPatch: true,
      answer: successResponses.explanation,
      upstream: true,
      codes: PATCH,
    },
  },
  '/capabilities': {
    GET: {
      id: 'listCapabilities',
      summary: 'List the capabilities of all targets',
      scope: 'profiles:read',
      answer: successResponses.capabilityList,
      codes: CALLER,
    },
  },
  '/capabilities/:target': {
    GET: {
      id: 'readCapabilities',
      summary: 'Read the capabilities of one target',
      scope: 'profiles:read',
      answer: successResponses.capabilities,
      codes: [...CALLER, 'unknown_target'],
    },
  },
  '/healthz': {
    GET: {
      id: 'health',
      summary: 'Check that the process responds',
      answer: successResponses.health,
      codes: ['internal_error'],
    },
  },
  '/readyz': {
    GET: {
      id: 'readiness',
      summary: 'Whether the gateway can serve, and what of it is degraded',
      answer: adminAnswers.readiness,
      codes: [...CONFIGURED, 'draining'],
    },
  },
  '/admin/targets': {
    GET: {
      id: 'listTargets',
      summary: 'How each target does',
      scope: 'admin:read',
      answer: adminAnswers.targets,
      codes: CALLER,
    },
  },
  '/admin/targets/:target/drain': {
    POST: {
      id: 'drainTarget',
      summary: 'Send nothing to a target until it is undrained',
      scope: 'admin',
      answer: adminAnswers.target,
      codes: [...CALLER, 'unknown_target'],
    },
  },
  '/admin/targets/:target/undrain': {
    POST: {
      id: 'undrainTarget',
      summary: 'Restore the configured mode of a target',
      scope: 'admin',
      answer: adminAnswers.target,
      codes: [...CALLER, 'unknown_target'],
    },
  },
  '/admin/config': {
    GET: {
      id: 'readConfiguration',
      summary: 'The configuration in force, its secrets hidden',
      scope: 'admin:read',
      answer: adminAnswers.configuration,
      codes: CALLER,
    },
  },
  '/metrics': {
    GET: {
      id: 'metrics',
      summary: 'What was counted, in the text format of Prometheus; not on every runtime',
      scope: 'admin:read',
      answer: successResponses.metrics,
      mediaType: METRICS_TYPE,
      codes: CALLER,
    },
  },
  '/problems/:code': {
    GET: {
      id: 'readProblemType',
      summary: 'Read the meaning of an error code',
      answer: successResponses.problemType,
      codes: ['internal_error', 'not_found'],
    },
  },
  '/openapi.json': {
    GET: {
      id: 'apiDocument',
      summary: 'This document',
      answer: successResponses.apiDocument,
      codes: ['internal_error'],
    },
  },
};
