import type { JsonObject } from '../../adapter-kit/index.ts';
import { ACCEPT_PATCH } from '../middleware/patch-body.ts';

const headerText = { type: 'string' } as const;

/** Every response header of the gateway. */
export const HEADERS = {
  'X-Request-Id': {
    description: "The request's own, or a new one.",
    required: true,
    schema: headerText,
  },
  'X-Write-Id': {
    description: 'Names the write, in the log and in its receipt.',
    schema: { ...headerText, pattern: '^[0-9a-f-]{36}$' },
  },
  'Idempotency-Replayed': {
    description:
      'A request with the same `Idempotency-Key` was received before: this is its answer.',
    schema: { ...headerText, const: 'true' },
  },
  ETag: {
    description: 'Strong tag of the profile. With 412: of the profile as it is.',
    schema: { ...headerText, pattern: '^"[0-9a-f]{32}"$' },
  },
  Location: {
    description: 'Path of the profile that was created.',
    schema: { ...headerText, pattern: '^/profiles/' },
  },
  'Server-Timing': {
    description: 'Milliseconds spent here and at the vendor.',
    schema: { ...headerText, pattern: '^gateway;dur=[0-9.]+, upstream;dur=[0-9.]+$' },
  },
  'Preference-Applied': {
    description: 'RFC 7240: what of `Prefer` was followed.',
    schema: headerText,
  },
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 0 } },
  RateLimit: { description: 'What is left of the rate of the caller.', schema: headerText },
  'RateLimit-Policy': { schema: headerText },
  'X-Gateway-Sandbox': {
    description: 'A sandbox answered, not the vendor.',
    schema: { ...headerText, const: '1' },
  },
  Link: {
    description: 'RFC 8288: the next page, where there is one.',
    schema: { ...headerText, pattern: '; rel="next"$' },
  },
  Allow: { required: true, schema: headerText },
  'Accept-Patch': { schema: { ...headerText, const: ACCEPT_PATCH } },
  'WWW-Authenticate': { required: true, schema: { ...headerText, pattern: '^Bearer' } },
} satisfies Readonly<Record<string, JsonObject>>;

export type HeaderName = keyof typeof HEADERS;
