import * as z from 'zod/mini';
import { lazily, type SchemaValue } from '../adapter-kit/index.ts';
import {
  CORS_ORIGINS_MAX,
  DEADLINE_MS,
  DRAIN_DELAY_MS,
  FALLBACKS_MAX,
  PATTERN_CHARACTERS_MAX,
  ROUTES_MAX,
  SECRET_CHARACTERS_MIN,
  SETTLE_MS_MAX,
  SHARES_MAX,
  TARGET_TIMEOUT_MS,
} from '../limits.ts';
import { refuseGlob, refuseIdPattern } from '../routing/pattern.ts';
import { LOG_LEVELS } from '../telemetry/log.ts';
import { TARGET_MODES } from '../upstream/target.ts';
import { stateSchema } from './state-schema.ts';
import { targetLimitsSchema, tlsSchema } from './target-schema.ts';

/** Names of targets, id namespaces and callers: they stand in ids, in routes and in the log. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const nameSchema = lazily(() =>
  z.string().check(z.regex(NAME, 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -')),
);

const hostSchema = lazily(() =>
  z._default(
    z
      .string()
      .check(
        z.regex(
          /^(?:[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45})$/,
          'must be a host name or an IP address',
        ),
      ),
    '127.0.0.1',
  ),
);
const portSchema = lazily(() => z.int().check(z.minimum(0), z.maximum(65_535)));

/** Address at which a Node process listens. Port 0 is any free one. */
const listenSchema = lazily(() =>
  z.strictObject({
    host: hostSchema(),
    port: z._default(portSchema(), 8787),
    /** Time in which requests are still accepted after a stop signal; `/readyz` reports it. */
    drainDelayMs: z._default(z.int().check(z.minimum(0), z.maximum(60_000)), DRAIN_DELAY_MS),
  }),
);
export type Listen = SchemaValue<typeof listenSchema>;

/** A listener of its own for the operations; without one they are served beside the profiles. */
const adminSchema = lazily(() => z.strictObject({ host: hostSchema(), port: portSchema() }));
export type AdminListen = SchemaValue<typeof adminSchema>;

/** An origin as a browser sends it, so that it is compared as text: no path, no default port. */
const originSchema = lazily(() =>
  z.string().check(
    z.regex(/^https?:\/\/[^\s/?#@*]+$/, 'must be an origin, as in https://app.example.com'),
    z.refine(
      (text) => URL.parse(text)?.origin === text,
      'must be an origin as browsers send it: in lower case, without the default port',
    ),
  ),
);

/** Pages of other origins that may call. */
const corsSchema = lazily(() =>
  z.strictObject({
    origins: z.array(originSchema()).check(z.minLength(1), z.maxLength(CORS_ORIGINS_MAX)),
  }),
);

/** The console of operators. */
const consoleSchema = lazily(() =>
  z.strictObject({
    enabled: z._default(z.boolean(), true),
    sessionKey: z.optional(z.string().check(z.minLength(2 * SECRET_CHARACTERS_MIN))),
  }),
);
export type ConsoleSettings = SchemaValue<typeof consoleSchema>;

/** The gateway's own settings of a target; all others are the vendor's. */
export const targetSchema = lazily(() =>
  z.object({
    vendor: z.string(),
    idNamespace: z.optional(nameSchema()),
    timeoutMs: z._default(z.int().check(z.minimum(1), z.maximum(DEADLINE_MS)), TARGET_TIMEOUT_MS),
    /** Lets requests with credentials travel in the clear to a host that is not loopback. */
    allowInsecureHttp: z._default(z.boolean(), false),
    /** Time for which the vendor may still apply a write; by default what its adapter says. */
    settleMs: z.optional(z.int().check(z.minimum(1), z.maximum(SETTLE_MS_MAX))),
    mode: z._default(z.enum(TARGET_MODES), 'active'),
    createWithoutKey: z._default(z.boolean(), false),
    limits: z.prefault(targetLimitsSchema(), {}),
    tls: z.optional(tlsSchema()),
  }),
);

/** A text that `refuse` has no words against. */
function pattern(refuse: (text: string) => string | undefined) {
  return z.string().check(
    z.maxLength(PATTERN_CHARACTERS_MAX),
    z.refine((text) => refuse(text) === undefined, {
      error: ({ input }) => (typeof input === 'string' ? refuse(input) : undefined),
    }),
  );
}

/** Headers that prove who calls; a rule asks for the caller's name instead. */
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization'];

/** The name of a header that a rule may ask for. */
export const headerSchema = lazily(() =>
  z.string().check(
    z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'must be the name of a header'),
    z.refine(
      (name) => !SECRET_HEADERS.includes(name.toLowerCase()),
      'must not be a header that holds a secret: ask for the caller',
    ),
  ),
);

const weight = lazily(() => z.number().check(z.minimum(0), z.maximum(1_000_000)));

/** Rule for ids that name no target: all of `match` must hold. */
export const routeSchema = lazily(() =>
  z.strictObject({
    match: z._default(
      z.strictObject({
        id: z.optional(pattern(refuseIdPattern)),
        header: z.optional(z.record(z.string(), pattern(refuseGlob))),
        caller: z.optional(pattern(refuseGlob)),
      }),
      {},
    ),
    to: z.optional(z.string()),
    split: z.optional(
      z
        .array(z.strictObject({ to: z.string(), weight: weight() }))
        .check(z.minLength(1), z.maxLength(SHARES_MAX)),
    ),
    handling: z.optional(z.literal('strict')),
    fallback: z.optional(z.array(z.string()).check(z.minLength(1), z.maxLength(FALLBACKS_MAX))),
  }),
);
export type RouteSettings = SchemaValue<typeof routeSchema>;

/**
 * The document's outline. Targets and callers are maps from names, each entry checked by itself,
 * so that a mistake in one hides nothing of another.
 */
const entries = lazily(() => z.record(z.string(), z.unknown()));
export const documentSchema = lazily(() =>
  z.strictObject({
    version: z.literal(1),
    listen: z.prefault(listenSchema(), {}),
    admin: z.optional(adminSchema()),
    cors: z.optional(corsSchema()),
    /** The reference page at `/docs`, on Node. */
    docs: z._default(z.boolean(), true),
    console: z.prefault(consoleSchema(), {}),
    /** The environment's LOG_LEVEL goes before it. */
    logLevel: z.optional(z.enum(LOG_LEVELS)),
    targets: entries().check(
      z.refine((targets) => Object.keys(targets).length > 0, 'must not be empty'),
    ),
    /** Place of the links: a file on Node, a KV binding on Workers. */
    links: z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
    /** Absent: it ends with the process. */
    state: z.optional(stateSchema()),
    /** Each is checked by itself too. */
    routes: z._default(z.array(z.unknown()).check(z.maxLength(ROUTES_MAX)), []),
    callers: z.optional(
      entries().check(
        z.refine(
          (callers) => Object.keys(callers).length > 0,
          'must not be empty: leave it out to serve loopback only',
        ),
      ),
    ),
  }),
);
