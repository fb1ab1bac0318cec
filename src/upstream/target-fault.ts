import type { FaultCode } from '../adapter-kit/index.ts';

const TARGET_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'target_unavailable',
  'target_timeout',
  'target_rate_limited',
  'target_unauthorized',
  'target_forbidden',
  'target_misconfigured',
  'target_invalid_response',
]);

/**
 * Reports whether a fault is of the way to a target or of the target, not of a profile or a
 * request.
 */
export function isTargetFault(code: FaultCode): boolean {
  return TARGET_FAULTS.has(code);
}
