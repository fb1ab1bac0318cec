import { zValidator } from '@hono/zod-validator';
import type { Context, ValidationTargets } from 'hono';
import type * as z from 'zod/mini';

/** The validator of one part of a request; what does not fit is answered by `refuse`. */
export function validated<S extends z.ZodMiniType, K extends keyof ValidationTargets>(
  part: K,
  schema: S,
  refuse: (c: Context, issues: readonly z.core.$ZodIssue[]) => Response,
) {
  return zValidator(part, schema, (result, c) =>
    result.success ? undefined : refuse(c, result.error.issues),
  );
}
