import * as z from 'zod';
import { SCOPES } from './callers.ts';
import { DEADLINE_MS, TARGET_TIMEOUT_MS } from './limits.ts';

/** Names of targets, id spaces and callers: they stand in ids, in routes and in the log. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const nameSchema = z
  .string()
  .regex(NAME, 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -');

/** Where a Node process listens. Port 0 is any free one. */
const listenSchema = z.strictObject({
  host: z
    .string()
    .regex(
      /^(?:[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45})$/,
      'must be a host name or an IP address',
    )
    .default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8787),
});
export type Listen = z.infer<typeof listenSchema>;

/** The gateway's own settings of a target; all others are the vendor's. */
export const targetSchema = z.object({
  vendor: z.string(),
  idSpace: nameSchema.optional(),
  timeoutMs: z.int().min(1).max(DEADLINE_MS).default(TARGET_TIMEOUT_MS),
  /** Lets requests with credentials travel in the clear to a host that is not loopback. */
  allowHttp: z.boolean().default(false),
});

/** Where ids go that name no target. */
const routeSchema = z.strictObject({ to: z.string() });

/** The hash of a key, or the key as a caller can send it: `bearerKey` reads no other. */
const keySchema = z
  .string()
  .regex(
    /^(?:sha256:[0-9a-f]{64}|(?!sha256:)[\x21-\x7e]{1,4096})$/,
    'must be 1 to 4096 visible ASCII characters, or sha256: and 64 digits of 0-9 and a-f',
  );

export const callerSchema = z.strictObject({
  key: keySchema.optional(),
  /** Two while one replaces the other. */
  keys: z.array(keySchema).min(1).max(2).optional(),
  scopes: z.array(z.enum(SCOPES)).min(1),
});

/**
 * The document's outline. Targets and callers are maps from names, each entry checked by itself,
 * so that a mistake in one hides nothing of another.
 */
const entries = z.record(z.string(), z.unknown());
export const documentSchema = z.strictObject({
  version: z.literal(1),
  listen: listenSchema.prefault({}),
  targets: entries.refine((targets) => Object.keys(targets).length > 0, 'must not be empty'),
  routes: z.array(routeSchema).default([]),
  callers: entries
    .refine(
      (callers) => Object.keys(callers).length > 0,
      'must not be empty: leave it out to serve loopback only',
    )
    .optional(),
});
