import { READ_BACK_RESERVE_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { TargetLimits } from './target-limits.ts';

/** Most of a deadline that is kept for reading back. */
const RESERVE_SHARE_MAX = 1 / 3;

/** The end of a target's deadline that is kept for reading back a write without an answer. */
export function readBackReserveMs({ deadlineMs }: TargetLimits): number {
  return Math.min(READ_BACK_RESERVE_MS, deadlineMs * RESERVE_SHARE_MAX);
}

type Limited = { readonly limits: TargetLimits };

/** When a caller must have an answer of the target, who must have one of any by `endMs`. */
export function targetDeadlineAtMs({ limits }: Limited, ports: Ports, endMs: number): number {
  return endMs - Math.max(0, ports.deadlineMs - limits.deadlineMs);
}

/** When the last write to the target must have been answered. */
export function writeDeadlineAtMs(target: Limited, ports: Ports, endMs: number): number {
  return targetDeadlineAtMs(target, ports, endMs) - readBackReserveMs(target.limits);
}
