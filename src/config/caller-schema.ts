import * as z from 'zod/mini';
import { lazily, type SchemaValue } from '../adapter-kit/index.ts';
import { SCOPES } from '../auth/caller.ts';
import { REQUEST_BODY_BYTES_MAX } from '../limits.ts';

/** The hash of a key, or the key as a caller can send it: `bearerKey` reads no other. */
const keySchema = lazily(() =>
  z
    .string()
    .check(
      z.regex(
        /^(?:sha256:[0-9a-f]{64}|(?!sha256:)[\x21-\x7e]{1,4096})$/,
        'must be 1 to 4096 visible ASCII characters, or sha256: and 64 digits of 0-9 and a-f',
      ),
    ),
);

const shortText = lazily(() => z.string().check(z.minLength(1), z.maxLength(2048)));

/** Tokens of an issuer (RFC 7519), proven by the keys that it publishes (RFC 7517). */
const jwtSchema = lazily(() =>
  z.strictObject({
    jwksUrl: z
      .string()
      .check(
        z.refine(isPlainHttpUrl, 'must be an http or https URL without credentials and fragment'),
      ),
    issuer: shortText(),
    audience: shortText(),
    /** The claim that lists the token's scopes. */
    scopeClaim: z._default(shortText(), 'scope'),
    /** Our scopes by the issuer's names of them; the same names when it is left out. */
    scopeNames: z.optional(z.record(shortText(), z.enum(SCOPES))),
    /** Globs that claims must match, so that callers of one issuer differ. */
    match: z._default(z.record(shortText(), shortText()), {}),
    /** Lets keys travel in the clear from a host that is not loopback. */
    allowInsecureHttp: z._default(z.boolean(), false),
  }),
);
export type JwtSettings = SchemaValue<typeof jwtSchema>;

/** Which names of targets: a `*` stands for any characters or none. */
const targetGlob = lazily(() =>
  z.string().check(z.regex(/^[a-z0-9*][a-z0-9*-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and *')),
);

/** The empty pointer would be the whole profile, which is what leaving `fields` out means. */
const pointer = lazily(() =>
  z
    .string()
    .check(
      z.regex(
        /^(?:\/(?:[^~/]|~[01])+){1,32}$/,
        'must be a JSON Pointer such as /name or /attributes/owner',
      ),
    ),
);

const callerLimitsSchema = lazily(() =>
  z
    .strictObject({
      requestsPerSecond: z.optional(z.number().check(z.minimum(0.001), z.maximum(1_000_000))),
      /** Most requests at once. Default: those of one second, at least 1. */
      burst: z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000))),
      maxConcurrentRequests: z.optional(z.int().check(z.minimum(1), z.maximum(100_000))),
      bodyBytesMax: z.optional(z.int().check(z.minimum(2), z.maximum(REQUEST_BODY_BYTES_MAX))),
    })
    .check(
      z.refine(
        ({ burst, requestsPerSecond }) => burst === undefined || requestsPerSecond !== undefined,
        { path: ['burst'], message: 'takes effect with requestsPerSecond only' },
      ),
    ),
);

export const callerSchema = lazily(() =>
  z.strictObject({
    key: z.optional(keySchema()),
    /** Two while one replaces the other. */
    keys: z.optional(z.array(keySchema()).check(z.minLength(1), z.maxLength(2))),
    jwt: z.optional(jwtSchema()),
    scopes: z.array(z.enum(SCOPES)).check(z.minLength(1)),
    targets: z.optional(z.array(targetGlob()).check(z.minLength(1), z.maxLength(1000))),
    fields: z.optional(z.strictObject({ allow: z.array(pointer()).check(z.maxLength(1000)) })),
    limits: z.optional(callerLimitsSchema()),
  }),
);
export type CallerSettings = SchemaValue<typeof callerSchema>;

function isPlainHttpUrl(value: string): boolean {
  if (value.length > 2048 || !URL.canParse(value)) return false;
  const { hash, password, protocol, username } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
