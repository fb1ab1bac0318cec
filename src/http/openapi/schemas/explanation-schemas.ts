import * as z from 'zod/mini';
import { lazily } from '../../../adapter-kit/index.ts';
import type { CreateExplanation } from '../../../profiles/create/explain-create.ts';
import type { Explanation } from '../../../profiles/explain-patch.ts';
import type { ExplainedRequest } from '../../../profiles/explained-requests.ts';
import { BREAKER_STATES } from '../../../telemetry/metrics.ts';
import {
  codeSchema,
  fieldErrorSchema,
  lossSchema,
  name,
  pointerList,
  profileSchema,
  routeStepSchema,
} from './base-schemas.ts';

const explainedRequestSchema = lazily(
  () =>
    z.object({
      step: z.string(),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.exactOptional(z.string()),
      dependsOnRead: z.boolean(),
      pointers: pointerList(),
      provenance: z
        .record(z.string(), z.string())
        .check(z.describe('Origin of each member of the body.')),
      curl: z.string(),
    }) satisfies z.ZodMiniType<ExplainedRequest>,
);

const predictedProblem = lazily(() =>
  z.exactOptional(
    z.object({
      code: codeSchema(),
      detail: z.string(),
      errors: z.exactOptional(z.array(fieldErrorSchema())),
      retryAfterSeconds: z.exactOptional(z.int()),
    }),
  ),
);

const policySchema = lazily(() =>
  z.object({
    deadlineMs: z.number(),
    connectTimeoutMs: z.number(),
    timeoutMs: z.number(),
    readBackReserveMs: z.number(),
    maxConcurrentRequests: z.number(),
    maxQueuedRequests: z.number(),
    circuitBreaker: z.enum(BREAKER_STATES),
    maxSendAttempts: z.number(),
    retryWaitMs: z.number(),
    retryBudgetRatio: z
      .number()
      .check(z.describe('Retries allowed per first attempt, over all requests to the target.')),
  }),
);

export const explanationSchema = lazily(() =>
  name(
    'Explanation',
    z.object({
      id: z.string(),
      target: z.string(),
      upstreamId: z.string(),
      version: z.string().check(z.describe('Version of the configuration.')),
      route: z
        .exactOptional(z.array(routeStepSchema()))
        .check(z.describe('Evaluated routes, for the scope `admin`.')),
      prediction: z
        .enum(['write', 'noop', 'rejected'])
        .check(z.describe('Outcome that the patch is expected to have; nothing was written.')),
      problem: predictedProblem(),
      precondition: z
        .exactOptional(z.enum(['met', 'unchecked']))
        .check(z.describe('Present with `If-Match`.')),
      atomic: z.boolean(),
      losses: z.array(lossSchema()),
      requests: z.array(explainedRequestSchema()),
      before: z.exactOptional(profileSchema()),
      after: z.exactOptional(profileSchema()),
      etag: z
        .exactOptional(z.string())
        .check(z.describe('Entity tag of `before`, for the `If-Match` of the patch.')),
      policy: policySchema(),
    }) satisfies z.ZodMiniType<Explanation>,
  ),
);

export const createExplanationSchema = lazily(() =>
  name(
    'CreateExplanation',
    z.object({
      target: z.string(),
      id: z.exactOptional(z.string()),
      version: z.string().check(z.describe('Version of the configuration.')),
      prediction: z
        .enum(['write', 'rejected'])
        .check(z.describe('Outcome that the create is expected to have; nothing was sent.')),
      problem: predictedProblem(),
      needsKey: z.boolean().check(z.describe('True if it needs an `Idempotency-Key`.')),
      atomic: z.boolean(),
      losses: z.array(lossSchema()),
      requests: z.array(explainedRequestSchema()),
      policy: policySchema(),
    }) satisfies z.ZodMiniType<CreateExplanation>,
  ),
);
