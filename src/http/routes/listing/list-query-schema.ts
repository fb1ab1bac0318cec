import * as z from 'zod/mini';
import { lazily, STATUSES } from '../../../adapter-kit/index.ts';
import { FILTER_CHARACTERS_MAX, LIST_CURSOR_CHARACTERS_MAX } from '../../../limits.ts';

/**
 * The query of a list for the API document; `readListQuery` checks it by what the target declares.
 */
export const listQuerySchema = lazily(() =>
  z.object({
    target: z.string(),
    limit: z.optional(z.int().check(z.minimum(1))),
    cursor: z.optional(z.string().check(z.maxLength(LIST_CURSOR_CHARACTERS_MAX))),
    name: z.optional(z.string().check(z.maxLength(FILTER_CHARACTERS_MAX))),
    status: z.optional(z.enum(STATUSES)),
  }),
);
