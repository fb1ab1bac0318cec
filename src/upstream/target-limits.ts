import type { BreakerLimits } from './circuit-breaker.ts';
import { DEADLINE_MS, READ_BACK_RESERVE_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { SlotLimits } from './concurrency-limiter.ts';

/** What one target may cost the gateway, and the gateway a target. */
export type TargetLimits = SlotLimits & {
  /** Longest wait for a connection, its handshakes included. */
  readonly connectTimeoutMs: number;
  /** Longest answer to a caller in all; the runtime's own deadline where that is shorter. */
  readonly deadlineMs: number;
  readonly breaker: BreakerLimits;
};

/** What holds for a target whose configuration says nothing else. */
export const TARGET_LIMITS: TargetLimits = {
  connectTimeoutMs: 5_000,
  deadlineMs: DEADLINE_MS,
  concurrency: 64,
  queue: 1_000,
  breaker: { failureShare: 0.5, windowMs: 10_000, requestsMin: 20, openMs: 10_000 },
};

/** Most of a deadline that is kept for reading back. */
const RESERVE_SHARE_MAX = 1 / 3;

/** The end of a target's deadline that is kept for reading back a write without an answer. */
export function readBackReserveMs({ deadlineMs }: TargetLimits): number {
  return Math.min(READ_BACK_RESERVE_MS, deadlineMs * RESERVE_SHARE_MAX);
}

type Limited = { readonly limits: TargetLimits };

/** When a caller must have an answer of the target, who must have one of any by `endMs`. */
export function targetEndMs({ limits }: Limited, ports: Ports, endMs: number): number {
  return endMs - Math.max(0, ports.deadlineMs - limits.deadlineMs);
}

/** When the last write to the target must have been answered. */
export function lastWriteMs(target: Limited, ports: Ports, endMs: number): number {
  return targetEndMs(target, ports, endMs) - readBackReserveMs(target.limits);
}
