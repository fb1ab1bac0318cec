import * as z from 'zod/mini';
import { FAULT_CODES, lazily, type UpstreamError } from '../../adapter-kit/index.ts';
import { UPSTREAM_MESSAGE_CHARACTERS_MAX } from '../../limits.ts';
import type { TargetCapabilities } from '../../profiles/capabilities.ts';
import type { WriteReport } from '../../profiles/patch-answer.ts';
import { LOCK_SCOPES } from '../../state/profile-lock.ts';
import { UNKNOWN_REASONS } from '../../writes/outcome.ts';
import { EVIDENCE } from '../../writes/write-state.ts';
import type { Problem } from '../problem-details.ts';
import { RECEIPT_LISTS } from '../routes/capabilities.ts';
import type { ProblemType } from '../routes/problems.ts';
import { fieldCapabilitySchema, operationsSchema } from './capability-schema.ts';
import {
  codeSchema,
  enumKeysOf,
  fieldErrorSchema,
  lossSchema,
  name,
  pointerList,
  profileSchema,
  routeStepSchema,
} from './schemas/base-schemas.ts';
import { createExplanationSchema, explanationSchema } from './schemas/explanation-schemas.ts';

const vendorText = lazily(() => z.string().check(z.maxLength(UPSTREAM_MESSAGE_CHARACTERS_MAX)));

const lockScope = lazily(() =>
  z.enum(LOCK_SCOPES).check(z.describe('Reach of the lock under which a profile is written.')),
);

export const writeReportSchema = lazily(() =>
  name(
    'WriteReport',
    z.object({
      outcome: z.enum(['applied', 'noop']),
      target: z.string(),
      losses: z
        .array(lossSchema())
        .check(z.describe('Members that `handling=lenient` dropped or coerced.')),
      unconfirmed: pointerList().check(
        z.describe('Members the vendor accepted but does not return in a comparable form.'),
      ),
      atomic: z.boolean().check(z.describe('True if one upstream write carried all members.')),
      lockScope: lockScope(),
      evidence: z
        .enum(EVIDENCE)
        .check(
          z.describe(
            'Basis of the outcome: the response to the write, a read after it, or a read in ' +
              'place of a missing or unusable response.',
          ),
        ),
      precondition: z.exactOptional(z.literal('emulated')),
    }) satisfies z.ZodMiniType<WriteReport>,
  ),
);

export const problemSchema = lazily(() =>
  name(
    'Problem',
    z
      .object({
        type: z.string().check(z.regex(/^\/problems\//)),
        title: z.string(),
        status: z.literal([...new Set(Object.values(FAULT_CODES).map((code) => code.status))]),
        detail: z.string(),
        code: codeSchema(),
        requestId: z.string(),
        outcome: z.exactOptional(z.enum(['rejected', 'partial', 'unknown'])),
        target: z.exactOptional(z.string()),
        errors: z.exactOptional(z.array(fieldErrorSchema())),
        supportedBy: z
          .exactOptional(z.array(z.string()))
          .check(z.describe('Targets that have the operation.')),
        upstream: z
          .exactOptional(
            z.object({
              status: z.int(),
              code: z.exactOptional(vendorText()),
              requestId: z.exactOptional(vendorText()),
              message: z.exactOptional(vendorText()),
            } satisfies Record<keyof UpstreamError, z.ZodMiniType>),
          )
          .check(z.describe('Error as the vendor reported it.')),
        retryAfterSeconds: z.exactOptional(z.int().check(z.minimum(0))),
        applied: z.exactOptional(pointerList()),
        notApplied: z.exactOptional(pointerList()),
        unconfirmed: z.exactOptional(pointerList()),
        sent: z
          .exactOptional(pointerList())
          .check(z.describe('Sent; it is unknown if they were applied.')),
        losses: z.exactOptional(z.array(lossSchema())),
        reason: z
          .exactOptional(z.enum(enumKeysOf(UNKNOWN_REASONS)))
          .check(z.describe('Reason for an unknown outcome.')),
        route: z
          .exactOptional(z.array(routeStepSchema()))
          .check(z.describe('Evaluated routes, in failed explanations for the scope `admin`.')),
      })
      .check(z.describe('RFC 9457, `application/problem+json`.')) satisfies z.ZodMiniType<Problem>,
  ),
);

export const capabilitiesSchema = lazily(() =>
  name(
    'Capabilities',
    z.object({
      target: z.string(),
      vendor: z.string(),
      fields: z.array(fieldCapabilitySchema()),
      operations: operationsSchema(),
      atomic: z.boolean().check(z.describe('True if every patch is one upstream write.')),
    }) satisfies z.ZodMiniType<TargetCapabilities>,
  ),
);

/** Responses of the operations when they succeed. */
export const successResponses = lazily(
  () =>
    ({
      profile: name('ProfileAnswer', z.object({ profile: profileSchema() })),
      profileList: name(
        'ProfileList',
        z.object({
          profiles: z.array(profileSchema()),
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
          profile: z.exactOptional(profileSchema()),
          write: writeReportSchema(),
        }),
      ),
      explanation: explanationSchema(),
      createExplanation: createExplanationSchema(),
      capabilityList: name(
        'CapabilityList',
        z.object({
          writes: z.object({
            lockScope: lockScope(),
            receipts: z
              .enum(RECEIPT_LISTS)
              .check(z.describe('Receipts that operators can ask for.')),
          }),
          targets: z.array(capabilitiesSchema()),
        }),
      ),
      capabilities: capabilitiesSchema(),
      metrics: name('Metrics', z.string()),
      health: name('Health', z.object({ status: z.literal('ok') })),
      problemType: name(
        'ProblemType',
        z.object({
          type: z.string(),
          code: codeSchema(),
          status: z.int(),
          title: z.string(),
          meaning: z.string(),
          docs: z.string().check(z.describe('Section with cause and remedy, in the repository.')),
        }) satisfies z.ZodMiniType<ProblemType>,
      ),
      apiDocument: name('ApiDocument', z.looseObject({ openapi: z.string() })),
    }) as const,
);
