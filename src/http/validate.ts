import { zValidator } from '@hono/zod-validator';
import type { Context, ValidationTargets } from 'hono';
import type * as z from 'zod/mini';
import type { Handler } from './pipeline.ts';

/** The validator of one part of a request: `keep` gets it, or `refuse` answers. */
export function validated<S extends z.ZodMiniType, K extends keyof ValidationTargets>(
  part: K,
  schema: S,
  keep: (c: Context, value: z.output<S>) => void,
  refuse: (c: Context, issues: readonly z.core.$ZodIssue[]) => Response,
): Handler {
  // No schema here waits for anything; told that one may, zod makes four promises more.
  const atOnce = Object.assign(schema.clone(), {
    safeParseAsync: async (value: unknown) => schema.safeParse(value),
  });
  return zValidator(part, atOnce, (result, c) =>
    result.success ? keep(c, result.data) : refuse(c, result.error.issues),
  );
}
