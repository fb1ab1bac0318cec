import { FAULT_CODES } from '../../../adapter-kit/index.ts';
import { EXAMPLE_UUID, EXAMPLE_VERSION, TARGET } from './values.ts';

const URL_EXAMPLE = `https://vendor.example.com/profiles/${EXAMPLE_UUID}`;
const EXAMPLE_BODY = '{"name":"Dana Example"}';

const capabilities = {
  ...TARGET,
  fields: [
    {
      pointer: '/name',
      access: 'read_write',
      type: 'string',
      maxLength: 255,
      onNull: 'reject',
      confirmation: 'exact',
      step: 'profile',
      sensitive: false,
    },
  ],
  operations: {
    list: {
      filters: [{ name: 'name', type: 'string' }],
      pageSizeMax: 500,
      ignoresLimit: false,
      completeness: 'stable',
      omitted: [],
    },
    delete: { absence: 'deleted' },
  },
  atomic: true,
};

/** Responses of the operations of callers, but for those that show a profile. */
export const callerExamples = {
  explanation: {
    id: `${TARGET.target}:${EXAMPLE_UUID}`,
    target: TARGET.target,
    upstreamId: EXAMPLE_UUID,
    version: EXAMPLE_VERSION,
    prediction: 'write',
    atomic: true,
    losses: [],
    requests: [
      {
        step: 'profile',
        method: 'PATCH',
        url: URL_EXAMPLE,
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer «secret:auth.token»',
        },
        body: EXAMPLE_BODY,
        dependsOnRead: false,
        pointers: ['/name'],
        provenance: { '/name': '/name' },
        curl: `curl -X PATCH '${URL_EXAMPLE}' --data-raw '${EXAMPLE_BODY}'`,
      },
    ],
    policy: {
      deadlineMs: 30_000,
      connectTimeoutMs: 5_000,
      timeoutMs: 10_000,
      readBackReserveMs: 5_000,
      maxConcurrentRequests: 64,
      maxQueuedRequests: 1_000,
      circuitBreaker: 'closed',
      maxSendAttempts: 3,
      retryWaitMs: 100,
      retryBudgetRatio: 0.2,
    },
  },
  capabilities,
  capabilityList: {
    writes: { lockScope: 'process', receipts: 'none' },
    targets: [capabilities],
  },
  health: { status: 'ok' },
  readiness: {
    status: 'ready',
    version: EXAMPLE_VERSION,
    degraded: [{ part: 'targets', reason: 'drained', count: 1, targets: [TARGET.target] }],
  },
  metrics:
    '# TYPE profile_gateway_requests_total counter\n' +
    'profile_gateway_requests_total{route="/profiles/:id",method="PATCH",outcome="applied"} 11\n',
  problemType: {
    type: '/problems/profile_not_found',
    code: 'profile_not_found',
    status: 404,
    title: FAULT_CODES.profile_not_found.title,
    meaning: FAULT_CODES.profile_not_found.meaning,
    docs: 'docs/errors.md#profile_not_found',
  },
  apiDocument: { openapi: '3.1.1' },
} as const;
