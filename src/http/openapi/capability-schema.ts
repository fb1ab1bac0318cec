import * as z from 'zod/mini';
import {
  type FieldCapability,
  type Json,
  lazily,
  type OperationCapabilities,
  SCHEMA_TYPES,
  type ValueSchema,
} from '../../adapter-kit/index.ts';

const schemaType = lazily(() => z.exactOptional(z.enum(SCHEMA_TYPES)));
const length = lazily(() => z.exactOptional(z.int().check(z.minimum(0))));

/** JSON Schema keywords of the values that a field accepts. */
const valueKeywords = lazily(
  () =>
    ({
      type: schemaType(),
      format: z.exactOptional(z.string()),
      enum: z.exactOptional(z.array(z.string())),
      minLength: length(),
      maxLength: length(),
      pattern: z.exactOptional(z.string()),
      allOf: z.exactOptional(z.array(z.object({ pattern: z.string() }))),
      minimum: z.exactOptional(z.number()),
      maximum: z.exactOptional(z.number()),
      items: z.exactOptional(z.object({ type: schemaType() })),
      'x-minBytes': length().check(z.describe('Least length in bytes of UTF-8.')),
      'x-maxBytes': length().check(z.describe('Greatest length in bytes of UTF-8.')),
      description: z.exactOptional(z.string()),
    }) satisfies Record<keyof ValueSchema, z.ZodMiniType>,
);

/** One field of a target. */
export const fieldCapabilitySchema = lazily(
  () =>
    z.object({
      pointer: z.string(),
      access: z.enum(['read_write', 'read_only', 'write_only']),
      ...valueKeywords(),
      additionalProperties: z
        .exactOptional(z.object(valueKeywords()))
        .check(z.describe('Of a map: keywords of its members.')),
      onNull: z
        .union([z.enum(['reject', 'remove']), z.object({ send: z.custom<Json>() })])
        .check(
          z.describe(
            'Effect of null, in a map of null at a key: it is rejected, removes the key, or the ' +
              'vendor is sent the value of `send`.',
          ),
        ),
      nullClearsMap: z
        .exactOptional(z.boolean())
        .check(z.describe('Of a map: null for the map itself clears it.')),
      confirmation: z
        .enum(['exact', 'normalized', 'present', 'count', 'never'])
        .check(
          z.describe(
            'How far a response proves a write: the value reads back as written, equal apart ' +
              'from blanks, in another form, as a list of the same length, or not at all.',
          ),
        ),
      step: z.string().check(z.describe('Members with different steps are different writes.')),
      sensitive: z.boolean(),
      createOnly: z
        .exactOptional(z.literal(true))
        .check(z.describe('A new profile may have it although no patch can write it.')),
      patchOnly: z
        .exactOptional(z.literal(true))
        .check(z.describe('A patch can write it, but no new profile may have it.')),
      requiredOnCreate: z.exactOptional(z.literal(true)),
    }) satisfies z.ZodMiniType<FieldCapability>,
);

const completeness = lazily(() => z.enum(['stable', 'shifting']));

/** Operations of a target beside reading and writing a profile. */
export const operationsSchema = lazily(
  () =>
    z.object({
      list: z.exactOptional(
        z.object({
          filters: z.array(
            z.object({
              name: z.string(),
              ...valueKeywords(),
              completeness: z
                .exactOptional(completeness())
                .check(z.describe('Of a walk with this filter, where it is another.')),
            }),
          ),
          pageSizeMax: z.int().check(z.describe('Greatest `limit`.')),
          ignoresLimit: z
            .boolean()
            .check(z.describe('A page may have more items than `limit`: the target has no pages.')),
          completeness: completeness().check(
            z.describe(
              'While others create and delete profiles, a walk over all pages lists a profile ' +
                'that is there all the time exactly once, or, since pages have numbers, perhaps ' +
                'twice or not at all.',
            ),
          ),
          omitted: z
            .array(z.string())
            .check(z.describe('Fields that an item lacks beside a read of the profile.')),
        }),
      ),
      create: z.exactOptional(
        z.object({
          repeat: z
            .enum(['twin', 'conflict'])
            .check(z.describe('A create that is sent twice makes two profiles, or is rejected.')),
          absence: z
            .enum(['not_created', 'unknown'])
            .check(z.describe('Meaning of a search that finds nothing after that time.')),
          settleSeconds: z
            .number()
            .check(z.describe('Longest time in which an unanswered create may still appear.')),
        }),
      ),
      delete: z.exactOptional(
        z.object({
          absence: z
            .enum(['deleted', 'deleted_or_hidden'])
            .check(z.describe('Meaning of a read that finds no profile after a delete.')),
        }),
      ),
    }) satisfies z.ZodMiniType<OperationCapabilities>,
);
