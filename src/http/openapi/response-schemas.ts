import * as z from 'zod/mini';
import {
  FAULT_CODES,
  FIELD_ERROR_CODES,
  type FieldError,
  type JsonObject,
  type UpstreamError,
} from '../../adapter-kit/index.ts';
import { UPSTREAM_MESSAGE_CHARACTERS_MAX } from '../../limits.ts';
import type { TargetCapabilities } from '../../profiles/capabilities.ts';
import type { Explanation } from '../../profiles/explain-patch.ts';
import type { ExplainedRequest } from '../../profiles/explained-requests.ts';
import type { WriteReport } from '../../profiles/patch-answer.ts';
import type { RouteStep } from '../../routing/route-trace.ts';
import { LOCK_SCOPES } from '../../state/profile-lock.ts';
import { BREAKER_STATES } from '../../telemetry/metrics.ts';
import { UNKNOWN_REASONS } from '../../writes/outcome.ts';
import type { Loss } from '../../writes/plan.ts';
import { EVIDENCE } from '../../writes/write-state.ts';
import type { Problem } from '../problem-details.ts';
import { RECEIPT_LISTS } from '../routes/capabilities.ts';
import type { ProblemType } from '../routes/problems.ts';
import { fieldCapabilitySchema, operationsSchema } from './capability-schema.ts';

/** The schemas that the API document defines once and refers to, with their names. */
export const named = new Map<z.core.$ZodType, string>();

function name<S extends z.ZodMiniType>(id: string, schema: S): S {
  named.set(schema, id);
  return schema;
}

/** The keys of a record, in their own type. */
export function enumKeysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record).filter((key): key is K => Object.hasOwn(record, key));
}

const pointerList = z.array(z.string()).check(z.describe('JSON Pointers into the patch.'));
const vendorText = z.string().check(z.maxLength(UPSTREAM_MESSAGE_CHARACTERS_MAX));

/** Members of every profile; each vendor's fields follow from their declarations. */
export const profileNames = z.object({
  id: z.string().check(z.describe('Id as the caller sent it.')),
  target: z.string(),
  vendor: z.string(),
  upstreamId: z.string().check(z.describe('Id of the profile at the vendor.')),
});

/** A profile inside a response. Its schema is made from the declarations of every vendor. */
export const profileSchema = name('Profile', z.custom<JsonObject>());

export const lossSchema = name(
  'Loss',
  z.object({
    pointer: z.string(),
    kind: z
      .enum(['dropped', 'coerced'])
      .check(z.describe('A coerced member was sent as another type.')),
    reason: z.string(),
  }) satisfies z.ZodMiniType<Loss>,
);

const lockScope = z
  .enum(LOCK_SCOPES)
  .check(z.describe('Reach of the lock under which a profile is written.'));

export const writeReportSchema = name(
  'WriteReport',
  z.object({
    outcome: z.enum(['applied', 'noop']),
    target: z.string(),
    losses: z
      .array(lossSchema)
      .check(z.describe('Members that `handling=lenient` dropped or coerced.')),
    unconfirmed: pointerList.check(
      z.describe('Members the vendor accepted but does not return in a comparable form.'),
    ),
    atomic: z.boolean().check(z.describe('True if one upstream write carried all members.')),
    lockScope,
    evidence: z
      .enum(EVIDENCE)
      .check(
        z.describe(
          'Basis of the outcome: the response to the write, a read after it, or a read in place ' +
            'of a missing or unusable response.',
        ),
      ),
    precondition: z.exactOptional(z.literal('emulated')),
  }) satisfies z.ZodMiniType<WriteReport>,
);

export const fieldErrorSchema = name(
  'FieldError',
  z.object({
    pointer: z.string(),
    code: z.enum(FIELD_ERROR_CODES),
    detail: z.string(),
    supportedBy: z
      .exactOptional(z.array(z.string()))
      .check(z.describe('Targets that accept the member as given.')),
  }) satisfies z.ZodMiniType<FieldError>,
);

const routeStepSchema = z.object({
  rule: z.string(),
  matched: z.boolean(),
  reason: z.string(),
}) satisfies z.ZodMiniType<RouteStep>;

const codeSchema = z.enum(enumKeysOf(FAULT_CODES));

export const problemSchema = name(
  'Problem',
  z
    .object({
      type: z.string().check(z.regex(/^\/problems\//)),
      title: z.string(),
      status: z.literal([...new Set(Object.values(FAULT_CODES).map((code) => code.status))]),
      detail: z.string(),
      code: codeSchema,
      requestId: z.string(),
      outcome: z.exactOptional(z.enum(['rejected', 'partial', 'unknown'])),
      target: z.exactOptional(z.string()),
      errors: z.exactOptional(z.array(fieldErrorSchema)),
      supportedBy: z
        .exactOptional(z.array(z.string()))
        .check(z.describe('Targets that have the operation.')),
      upstream: z
        .exactOptional(
          z.object({
            status: z.int(),
            code: z.exactOptional(vendorText),
            requestId: z.exactOptional(vendorText),
            message: z.exactOptional(vendorText),
          } satisfies Record<keyof UpstreamError, z.ZodMiniType>),
        )
        .check(z.describe('Error as the vendor reported it.')),
      retryAfterSeconds: z.exactOptional(z.int().check(z.minimum(0))),
      applied: z.exactOptional(pointerList),
      notApplied: z.exactOptional(pointerList),
      unconfirmed: z.exactOptional(pointerList),
      sent: z
        .exactOptional(pointerList)
        .check(z.describe('Sent; it is unknown if they were applied.')),
      losses: z.exactOptional(z.array(lossSchema)),
      reason: z
        .exactOptional(z.enum(enumKeysOf(UNKNOWN_REASONS)))
        .check(z.describe('Reason for an unknown outcome.')),
      route: z
        .exactOptional(z.array(routeStepSchema))
        .check(z.describe('Evaluated routes, in failed explanations for the scope `admin`.')),
    })
    .check(z.describe('RFC 9457, `application/problem+json`.')) satisfies z.ZodMiniType<Problem>,
);

export const capabilitiesSchema = name(
  'Capabilities',
  z.object({
    target: z.string(),
    vendor: z.string(),
    fields: z.array(fieldCapabilitySchema),
    operations: operationsSchema,
    atomic: z.boolean().check(z.describe('True if every patch is one upstream write.')),
  }) satisfies z.ZodMiniType<TargetCapabilities>,
);

const explainedRequestSchema = z.object({
  step: z.string(),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.exactOptional(z.string()),
  dependsOnRead: z.boolean(),
  pointers: pointerList,
  provenance: z
    .record(z.string(), z.string())
    .check(z.describe('Origin of each member of the body.')),
  curl: z.string(),
}) satisfies z.ZodMiniType<ExplainedRequest>;

export const explanationSchema = name(
  'Explanation',
  z.object({
    id: z.string(),
    target: z.string(),
    upstreamId: z.string(),
    version: z.string().check(z.describe('Version of the configuration.')),
    route: z
      .exactOptional(z.array(routeStepSchema))
      .check(z.describe('Evaluated routes, for the scope `admin`.')),
    prediction: z
      .enum(['write', 'noop', 'rejected'])
      .check(z.describe('Outcome that the patch is expected to have; nothing was written.')),
    problem: z.exactOptional(
      z.object({
        code: codeSchema,
        detail: z.string(),
        errors: z.exactOptional(z.array(fieldErrorSchema)),
        retryAfterSeconds: z.exactOptional(z.int()),
      }),
    ),
    precondition: z
      .exactOptional(z.enum(['met', 'unchecked']))
      .check(z.describe('Present with `If-Match`.')),
    atomic: z.boolean(),
    losses: z.array(lossSchema),
    requests: z.array(explainedRequestSchema),
    before: z.exactOptional(profileSchema),
    after: z.exactOptional(profileSchema),
    policy: z.object({
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
  }) satisfies z.ZodMiniType<Explanation>,
);

/** Responses of the operations when they succeed. */
export const successResponses = {
  profile: name('ProfileAnswer', z.object({ profile: profileSchema })),
  profileList: name(
    'ProfileList',
    z.object({
      profiles: z.array(profileSchema),
      target: z.string(),
      omitted: z
        .array(z.string())
        .check(z.describe('Fields that each item lacks beside a read of the profile.')),
      truncated: z
        .exactOptional(z.literal(true))
        .check(z.describe('The target has left out profiles that no page shows.')),
      next: z
        .exactOptional(z.string())
        .check(z.describe('Cursor of the next page; absent: this is the last one.')),
    }),
  ),
  write: name(
    'WriteAnswer',
    z.object({
      profile: z.exactOptional(profileSchema),
      write: writeReportSchema,
    }),
  ),
  explanation: explanationSchema,
  capabilityList: name(
    'CapabilityList',
    z.object({
      writes: z.object({
        lockScope,
        receipts: z.enum(RECEIPT_LISTS).check(z.describe('Receipts that operators can ask for.')),
      }),
      targets: z.array(capabilitiesSchema),
    }),
  ),
  capabilities: capabilitiesSchema,
  metrics: name('Metrics', z.string()),
  health: name('Health', z.object({ status: z.literal('ok') })),
  problemType: name(
    'ProblemType',
    z.object({
      type: z.string(),
      code: codeSchema,
      status: z.int(),
      title: z.string(),
      meaning: z.string(),
      docs: z.string().check(z.describe('Section with cause and remedy, in the repository.')),
    }) satisfies z.ZodMiniType<ProblemType>,
  ),
  apiDocument: name('ApiDocument', z.looseObject({ openapi: z.string() })),
} as const;
