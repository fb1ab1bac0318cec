import * as z from 'zod';
import {
  DEADLINE_MS,
  FALLBACKS_MAX,
  PATTERN_CHARACTERS_MAX,
  ROUTES_MAX,
  SHARES_MAX,
  TARGET_TIMEOUT_MS,
} from './limits.ts';
import { refuseGlob, refuseIdPattern } from './pattern.ts';
import { TARGET_STATES } from './target.ts';

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
  state: z.enum(TARGET_STATES).default('open'),
});

/** A text that `refuse` has no words against. */
function pattern(refuse: (text: string) => string | undefined) {
  return z
    .string()
    .max(PATTERN_CHARACTERS_MAX)
    .refine((text) => refuse(text) === undefined, {
      error: ({ input }) => (typeof input === 'string' ? refuse(input) : undefined),
    });
}

/** Headers that prove who calls; a rule asks for the caller's name instead. */
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization'];

/** The name of a header that a rule may ask for. */
export const headerSchema = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'must be the name of a header')
  .refine(
    (name) => !SECRET_HEADERS.includes(name.toLowerCase()),
    'must not be a header that holds a secret: ask for the caller',
  );

/** Where ids go that name no target: all of `when` must hold. */
export const routeSchema = z.strictObject({
  when: z
    .strictObject({
      id: pattern(refuseIdPattern).optional(),
      header: z.record(z.string(), pattern(refuseGlob)).optional(),
      caller: pattern(refuseGlob).optional(),
    })
    .default({}),
  to: z.string().optional(),
  split: z
    .array(z.strictObject({ to: z.string(), weight: z.number().min(0).max(1_000_000) }))
    .min(1)
    .max(SHARES_MAX)
    .optional(),
  require: z.literal('capable').optional(),
  fallback: z.array(z.string()).min(1).max(FALLBACKS_MAX).optional(),
});
export type RouteSettings = z.infer<typeof routeSchema>;

/**
 * The document's outline. Targets and callers are maps from names, each entry checked by itself,
 * so that a mistake in one hides nothing of another.
 */
const entries = z.record(z.string(), z.unknown());
export const documentSchema = z.strictObject({
  version: z.literal(1),
  listen: listenSchema.prefault({}),
  targets: entries.refine((targets) => Object.keys(targets).length > 0, 'must not be empty'),
  /** Where links are kept: a file on Node, a KV binding on Workers. */
  links: z.string().min(1).max(4_096).optional(),
  /** Each is checked by itself too. */
  routes: z.array(z.unknown()).max(ROUTES_MAX).default([]),
  callers: entries
    .refine(
      (callers) => Object.keys(callers).length > 0,
      'must not be empty: leave it out to serve loopback only',
    )
    .optional(),
});
