import * as z from 'zod/mini';
import { lazily, type SchemaValue } from '../../../adapter-kit/index.ts';
import { REASON_CHARACTERS_MAX } from '../../../limits.ts';
import { filterText, pageQuerySchema } from '../admin-query.ts';
import { hasNoControls, reasonSchema } from '../reason.ts';

/** The query of a list of links. */
export const linkQuerySchema = lazily(() =>
  z.strictObject({
    target: filterText(),
    upstreamId: filterText(),
    ...pageQuerySchema().shape,
  }),
);

export type LinkFilters = SchemaValue<typeof linkQuerySchema>;

/** The query of an import of links. */
export const importQuerySchema = lazily(() =>
  z.strictObject({
    dryRun: z.optional(z.enum(['true', 'false'], 'must be true or false')),
    reason: z.optional(
      z
        .string()
        .check(
          z.regex(
            new RegExp(`^(?=[^]*\\S)[^]{1,${REASON_CHARACTERS_MAX}}$`),
            `must have 1 to ${REASON_CHARACTERS_MAX} characters`,
          ),
          hasNoControls(),
        ),
    ),
  }),
);

/** The body of a request that sets one link. */
export const linkSchema = lazily(() =>
  z.strictObject({
    targets: z.record(z.string(), z.string()).check(z.describe('Upstream ids by targets.')),
    reason: z.exactOptional(reasonSchema().shape.reason),
  }),
);
