import * as z from 'zod/mini';
import { type JsonObject, lazily } from '../../adapter-kit/index.ts';
import { BREAKER_STATES } from '../../telemetry/metrics.ts';
import { TARGET_MODES } from '../../upstream/target.ts';
import { EXCHANGE_OUTCOMES, type ExchangeOutcome, HEALTH } from '../../upstream/target-health.ts';
import type { ConfigurationView, TargetView } from '../routes/admin-view.ts';
import { DEGRADATIONS, type Readiness } from '../routes/readiness.ts';
import { named } from './schemas/base-schemas.ts';

/** Makes `schema` one that the document defines once, under `id`. */
export function nameSchemaAs<S extends z.ZodMiniType>(id: string, schema: S): S {
  named.set(schema, id);
  return schema;
}

const countSchema = lazily(() => z.int().check(z.minimum(0)));
const outcomes = lazily(
  () =>
    ({
      read: countSchema(),
      readFailed: countSchema(),
      applied: countSchema(),
      noop: countSchema(),
      rejected: countSchema(),
      partial: countSchema(),
      unknown: countSchema(),
    }) satisfies Record<ExchangeOutcome, z.ZodMiniType>,
);

const targetViewSchema = lazily(() =>
  nameSchemaAs(
    'TargetStatus',
    z.object({
      target: z.string(),
      vendor: z.string(),
      idNamespace: z.string(),
      mode: z.enum(TARGET_MODES).check(z.describe('What holds now.')),
      configuredMode: z.enum(TARGET_MODES),
      drained: z
        .exactOptional(
          z.object({
            since: z.string(),
            by: z.exactOptional(z.string()),
            reason: z.exactOptional(z.string()),
          }),
        )
        .check(z.describe('By POST …/drain, until it is taken back; reloads leave it.')),
      pending: z
        .exactOptional(z.enum(['drain', 'undrain']))
        .check(z.describe('A change that is not stored yet: other replicas do not know of it.')),
      health: z.enum(HEALTH).check(z.describe('By the last exchanges; `idle`: there were none.')),
      recent: z.object({ total: countSchema(), failed: countSchema() }),
      lastFailure: z.exactOptional(z.object({ code: z.string(), at: z.string() })),
      inFlight: z.object({ reads: countSchema(), writes: countSchema() }),
      queued: countSchema().check(z.describe('Requests to the vendor that wait for their turn.')),
      circuitBreaker: z.enum(BREAKER_STATES),
      outcomes: z
        .object(outcomes())
        .check(z.describe(`Since the process began: ${EXCHANGE_OUTCOMES.join(', ')}.`)),
      credentials: z
        .object({ coolingDown: z.boolean(), retryAfterSeconds: countSchema() })
        .check(z.describe('Credentials that the vendor refused are not tried for a while.')),
      retryBudget: z.object({ left: countSchema(), max: countSchema() }),
    }) satisfies z.ZodMiniType<TargetView>,
  ),
);

const configurationSchema = lazily(() =>
  nameSchemaAs(
    'ConfigurationStatus',
    z.object({
      version: z.string(),
      loadedAt: z.string(),
      configuration: z
        .custom<JsonObject>()
        .check(z.describe('What is in force. Secrets are shown as «secret:path».')),
      rejectedReload: z
        .exactOptional(
          z.object({
            at: z.string(),
            problems: z.array(z.object({ path: z.string(), message: z.string() })),
          }),
        )
        .check(z.describe('The last reload, where it was rejected.')),
    }) satisfies z.ZodMiniType<ConfigurationView>,
  ),
);

const readinessSchema = lazily(() =>
  nameSchemaAs(
    'Readiness',
    z.object({
      status: z.literal('ready'),
      version: z.string(),
      degraded: z.array(
        z.object({
          part: z.enum(['state', 'configuration', 'targets']),
          reason: z.enum(DEGRADATIONS),
          count: z.exactOptional(countSchema()),
          targets: z
            .exactOptional(z.array(z.string()))
            .check(z.describe('Where there are no callers, or on an open listener of operators.')),
        }),
      ),
    }) satisfies z.ZodMiniType<Readiness>,
  ),
);

/** Responses of the operations of operators. */
export const adminAnswers = lazily(
  () =>
    ({
      readiness: readinessSchema(),
      target: targetViewSchema(),
      targets: nameSchemaAs(
        'TargetStatusList',
        z.object({
          scope: z
            .enum(['process', 'isolate'])
            .check(z.describe('On Workers each isolate counts its own requests.')),
          targets: z.array(targetViewSchema()),
        }),
      ),
      configuration: configurationSchema(),
    }) as const,
);
