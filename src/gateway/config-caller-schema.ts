import * as z from 'zod';
import { SCOPES } from './callers.ts';
import { REQUEST_BODY_BYTES_MAX } from './limits.ts';

/** The hash of a key, or the key as a caller can send it: `bearerKey` reads no other. */
const keySchema = z
  .string()
  .regex(
    /^(?:sha256:[0-9a-f]{64}|(?!sha256:)[\x21-\x7e]{1,4096})$/,
    'must be 1 to 4096 visible ASCII characters, or sha256: and 64 digits of 0-9 and a-f',
  );

const text = z.string().min(1).max(2048);

/** Tokens of an issuer (RFC 7519), proven by the keys that it publishes (RFC 7517). */
const jwtSchema = z.strictObject({
  jwksUrl: z
    .string()
    .refine(isPlainHttpUrl, 'must be an http or https URL without credentials and fragment'),
  issuer: text,
  audience: text,
  /** The claim that lists the token's scopes. */
  scopeClaim: text.default('scope'),
  /** Our scopes by the issuer's names of them; the same names when it is left out. */
  scopeNames: z.record(text, z.enum(SCOPES)).optional(),
  /** Globs that claims must match, so that callers of one issuer can be told apart. */
  match: z.record(text, text).default({}),
  /** Lets keys travel in the clear from a host that is not loopback. */
  allowHttp: z.boolean().default(false),
});
export type JwtSettings = z.infer<typeof jwtSchema>;

/** Which names of targets: a `*` stands for any characters or none. */
const targetGlob = z
  .string()
  .regex(/^[a-z0-9*][a-z0-9*-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, - and *');

/** The empty pointer would be the whole profile, which is what leaving `fields` out means. */
const pointer = z
  .string()
  .regex(
    /^(?:\/(?:[^~/]|~[01])+){1,32}$/,
    'must be a JSON Pointer such as /name or /attributes/owner',
  );

const limitsSchema = z
  .strictObject({
    requestsPerSecond: z.number().min(0.001).max(1_000_000).optional(),
    /** Most requests at once. Default: those of one second, at least 1. */
    burst: z.int().min(1).max(1_000_000).optional(),
    bodyBytesMax: z.int().min(2).max(REQUEST_BODY_BYTES_MAX).optional(),
  })
  .refine(
    ({ burst, requestsPerSecond }) => burst === undefined || requestsPerSecond !== undefined,
    { path: ['burst'], message: 'takes effect with requestsPerSecond only' },
  );

export const callerSchema = z.strictObject({
  key: keySchema.optional(),
  /** Two while one replaces the other. */
  keys: z.array(keySchema).min(1).max(2).optional(),
  jwt: jwtSchema.optional(),
  scopes: z.array(z.enum(SCOPES)).min(1),
  targets: z.array(targetGlob).min(1).max(1000).optional(),
  fields: z.strictObject({ allow: z.array(pointer).max(1000) }).optional(),
  limits: limitsSchema.optional(),
});
export type CallerSettings = z.infer<typeof callerSchema>;

function isPlainHttpUrl(value: string): boolean {
  if (value.length > 2048 || !URL.canParse(value)) return false;
  const { hash, password, protocol, username } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
