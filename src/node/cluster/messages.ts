import * as z from 'zod/mini';

/** Length of the key of sessions that all workers share. */
export const SESSION_KEY_BYTES = 32;

/** A worker serves, with this version of the configuration. */
export const servingSchema = z.object({ version: z.string() });

/** The wish to stop; `isAtOnce`: without the delay for load balancers. */
export const stopSchema = z.object({ isAtOnce: z.boolean() });

const problemsSchema = z.array(z.object({ path: z.string(), message: z.string() }));

/** A configuration that a worker has read, and would serve from now on; or its problems. */
export const preparedSchema = z.object({
  version: z.optional(z.string()),
  problems: problemsSchema,
});

/** The wish to read the configuration, for the reload of this number. */
export const prepareSchema = z.object({ reload: z.int() });

/** The decision on what was prepared for a reload: without problems it is served. */
export const settledSchema = z.object({ reload: z.int(), problems: problemsSchema });

/** The keys of an issuer, as it has answered. */
export const keysSchema = z.object({ url: z.string(), text: z.string() });
