import * as z from 'zod/mini';
import {
  FAULT_CODES,
  FIELD_ERROR_CODES,
  type FieldError,
  type JsonObject,
  lazily,
} from '../../../adapter-kit/index.ts';
import type { RouteStep } from '../../../routing/route-trace.ts';
import type { Loss } from '../../../writes/plan.ts';

/** The schemas that the API document defines once and refers to, with their names. */
export const named = new Map<z.core.$ZodType, string>();

/** Gives a schema its name in the document. */
export function name<S extends z.ZodMiniType>(id: string, schema: S): S {
  named.set(schema, id);
  return schema;
}

/** The keys of a record, in their own type. */
export function enumKeysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record).filter((key): key is K => Object.hasOwn(record, key));
}

/** Pointers into a patch. */
export const pointerList = lazily(() =>
  z.array(z.string()).check(z.describe('JSON Pointers into the patch.')),
);
/** Members of every profile; each vendor's fields follow from their declarations. */
export const profileNames = lazily(() =>
  z.object({
    id: z.string().check(z.describe('Id as the caller sent it.')),
    target: z.string(),
    vendor: z.string(),
    upstreamId: z.string().check(z.describe('Id of the profile at the vendor.')),
  }),
);

/** A profile inside a response. Its schema is made from the declarations of every vendor. */
export const profileSchema = lazily(() => name('Profile', z.custom<JsonObject>()));

export const lossSchema = lazily(() =>
  name(
    'Loss',
    z.object({
      pointer: z.string(),
      kind: z
        .enum(['dropped', 'coerced'])
        .check(z.describe('A coerced member was sent as another type.')),
      reason: z.string(),
    }) satisfies z.ZodMiniType<Loss>,
  ),
);

export const fieldErrorSchema = lazily(() =>
  name(
    'FieldError',
    z.object({
      pointer: z.string(),
      code: z.enum(FIELD_ERROR_CODES),
      detail: z.string(),
      supportedBy: z
        .exactOptional(z.array(z.string()))
        .check(z.describe('Targets that accept the member as given.')),
    }) satisfies z.ZodMiniType<FieldError>,
  ),
);

export const routeStepSchema = lazily(
  () =>
    z.object({
      rule: z.string(),
      matched: z.boolean(),
      reason: z.string(),
    }) satisfies z.ZodMiniType<RouteStep>,
);

export const codeSchema = lazily(() => z.enum(enumKeysOf(FAULT_CODES)));
