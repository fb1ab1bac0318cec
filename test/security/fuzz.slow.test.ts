import { expect } from 'vitest';
import { count } from '../support/counts.ts';
import { describeFuzz } from './fuzz-run.ts';

const REQUESTS = count(10_000, 100_000);

/** Ends that must be common, so that all of the gateway is under fire. */
const REACHED = [
  '200',
  'invalid_patch',
  'unsupported_patch',
  'malformed_json',
  'invalid_id',
  'unknown_target',
  'route_not_found',
  'profile_not_found',
  'method_not_allowed',
  'not_found',
  'unsupported_media_type',
  'precondition_failed',
  'rejected_by_target',
  'body_too_large',
];

describeFuzz(REQUESTS, (ends) => {
  // Noise that never gets past the front door would prove nothing.
  for (const kind of REACHED)
    expect.soft(ends.get(kind) ?? 0, kind).toBeGreaterThan(REQUESTS / 1_000);
});
