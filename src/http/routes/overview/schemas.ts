import * as z from 'zod/mini';
import { type JsonObject, lazily } from '../../../adapter-kit/index.ts';
import { SCOPES } from '../../../auth/caller.ts';
import { STATS_OUTCOMES, type StatsOutcome } from '../../../telemetry/hour-stats.ts';
import { adminAnswers, nameSchemaAs } from '../../openapi/admin-schemas.ts';
import { fieldCapabilitySchema, operationsSchema } from '../../openapi/capability-schema.ts';
import type { CallerView } from './caller.ts';
import type { RulesView } from './rules.ts';
import type { StatsView } from './stats.ts';
import { FAILURE_OUTCOMES, type TargetDetailView } from './target-detail.ts';

const whole = lazily(() => z.int().check(z.minimum(0)));
const ms = lazily(() => z.number().check(z.minimum(0)));

const statsOutcomes = lazily(
  () =>
    ({
      read: whole(),
      readFailed: whole(),
      applied: whole(),
      noop: whole(),
      rejected: whole(),
      partial: whole(),
      unknown: whole(),
      explained: whole(),
      refused: whole(),
    }) satisfies Record<StatsOutcome, z.ZodMiniType>,
);

const sums = lazily(() => ({
  requests: whole(),
  outcomes: z
    .object(statsOutcomes())
    .check(z.describe(`${STATS_OUTCOMES.join(', ')}; the last: before anything was sent.`)),
  losses: whole().check(z.describe('Members of lenient patches that were dropped or converted.')),
  unconfirmed: whole().check(z.describe('Members that no response has confirmed.')),
  latencyMs: z
    .exactOptional(z.object({ p50: ms(), p95: ms(), p99: ms() }))
    .check(z.describe('Absent where there were no requests. Up to 41 % too high.')),
}));

/** The last failures of a target at one process. */
export const failuresSchema = lazily(() =>
  z.array(
    z.object({
      at: z.string(),
      purpose: z.enum(['read', 'write']),
      outcome: z.enum(FAILURE_OUTCOMES).check(z.describe('`failed`: a read.')),
      code: z.string(),
      upstream: z.exactOptional(
        z.object({
          status: z.int(),
          code: z.exactOptional(z.string()),
          requestId: z.exactOptional(z.string()),
          message: z.exactOptional(z.string()),
        }),
      ),
    }),
  ),
);

/** Counts of one process over the last hour. */
export const processStatsSchema = lazily(() =>
  z.object({
    process: z.string(),
    slots: z.array(z.object({ slot: z.int(), counts: z.array(whole()) })),
  }),
);

/** Responses about the gateway as a whole. */
export const overviewAnswers = lazily(
  () =>
    ({
      stats: nameSchemaAs(
        'HourStats',
        z.object({
          processes: z
            .array(z.string())
            .check(z.describe('Host and id of each process that it speaks for.')),
          since: z.string(),
          until: z.string(),
          slotSeconds: whole(),
          total: z.object(sums()),
          slots: z.array(z.object({ at: z.string(), ...sums() })),
        }) satisfies z.ZodMiniType<StatsView>,
      ),
      caller: nameSchemaAs(
        'CallerStatus',
        z.object({
          caller: z
            .exactOptional(z.string())
            .check(z.describe('Absent where nobody has to show who calls.')),
          scopes: z.array(z.string()).check(z.describe(`Of ${SCOPES.join(', ')}.`)),
        }) satisfies z.ZodMiniType<CallerView>,
      ),
      rules: nameSchemaAs(
        'RuleList',
        z.object({
          rules: z.array(
            z.object({
              rule: z.string(),
              settings: z.custom<JsonObject>(),
              unreachableBehind: z
                .exactOptional(z.string())
                .check(z.describe('An earlier rule that matches all that this one could.')),
            }),
          ),
          resolved: z.exactOptional(
            z.array(
              z.object({
                id: z.string(),
                target: z.exactOptional(z.string()),
                upstreamId: z.exactOptional(z.string()),
                rule: z
                  .exactOptional(z.string())
                  .check(z.describe('Absent where the id names its target.')),
                code: z
                  .exactOptional(z.string())
                  .check(z.describe('Reason why there is no target.')),
                detail: z.exactOptional(z.string()),
              }),
            ),
          ),
        }) satisfies z.ZodMiniType<Omit<RulesView, 'resolved'>>,
      ),
      target: nameSchemaAs(
        'TargetDetail',
        z.extend(adminAnswers().target, {
          failures: failuresSchema().check(z.describe('The last ones, the latest first.')),
          capabilities: z.object({
            atomic: z.boolean(),
            fields: z.array(fieldCapabilitySchema()),
            operations: operationsSchema(),
          }),
        }) satisfies z.ZodMiniType<TargetDetailView>,
      ),
    }) as const,
);
