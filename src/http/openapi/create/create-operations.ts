import { type FaultCode, lazily } from '../../../adapter-kit/index.ts';
import { patchHeadersSchema } from '../../middleware/idempotency-key.ts';
import { writeHeadersSchema } from '../../middleware/profile-request.ts';
import { callerExamples } from '../examples/callers.ts';
import { CALLER, type Operation } from '../operation.ts';
import { successResponses } from '../response-schemas.ts';

/** Codes of a body that is no new profile. */
const NEW_PROFILE: readonly FaultCode[] = [
  'unknown_target',
  'malformed_json',
  'body_too_large',
  'unsupported_media_type',
  'invalid_patch',
  'field_forbidden',
];

const CREATE: readonly FaultCode[] = [
  ...CALLER,
  ...NEW_PROFILE,
  'link_exists',
  'conflict',
  'method_not_allowed',
  'precondition_failed',
  'unsupported_patch',
  'rejected_by_target',
  'target_unauthorized',
  'target_forbidden',
  'target_misconfigured',
  'target_invalid_response',
  'target_unavailable',
  'target_rate_limited',
  'target_timeout',
  'target_read_only',
  'overloaded',
  'not_stored',
  'partially_applied',
  'state_unavailable',
  'profile_in_doubt',
  'invalid_idempotency_key',
  'idempotency_key_required',
  'idempotency_key_reused',
  'request_in_progress',
  'idempotency_keys_lost',
  'outcome_unknown',
];

const CREATE_URL = 'https://externalaccess.example.com/api/v1/profiles';
const CREATE_BODY = '{"name":"example"}';

/** The documentation of `POST /profiles`. */
export const createOperation = lazily(
  (): Operation => ({
    id: 'createProfile',
    summary: 'Create a profile',
    description:
      'It is sent once, and never again on a guess: where the response is lost, the profile is ' +
      'searched for. A repeat with the same `Idempotency-Key` is answered by what was found.',
    scope: 'profiles:create',
    headers: patchHeadersSchema(),
    takesNewProfile: true,
    answer: successResponses().write,
    status: 201,
    responseHeaders: [
      'ETag',
      'Idempotency-Replayed',
      'Location',
      'Preference-Applied',
      'X-Write-Id',
    ],
    upstream: true,
    codes: CREATE,
  }),
);

/** The documentation of `POST /profiles/explain`. */
export const explainCreateOperation = lazily(
  (): Operation => ({
    id: 'explainCreate',
    summary: 'Explain what a create would send, without sending it (dry run)',
    scope: 'profiles:create',
    headers: writeHeadersSchema(),
    takesNewProfile: true,
    answer: successResponses().createExplanation,
    example: {
      target: callerExamples.explanation.target,
      version: callerExamples.explanation.version,
      prediction: 'write',
      needsKey: true,
      atomic: true,
      losses: [],
      requests: [
        {
          step: 'create',
          method: 'POST',
          url: CREATE_URL,
          headers: { 'content-type': 'application/json' },
          body: CREATE_BODY,
          dependsOnRead: false,
          pointers: ['/name'],
          provenance: { '/name': '/name' },
          curl: `curl -X POST '${CREATE_URL}' --data-raw '${CREATE_BODY}'`,
        },
      ],
      policy: callerExamples.explanation.policy,
    },
    codes: [...CALLER, ...NEW_PROFILE, 'precondition_failed', 'overloaded'],
  }),
);
