import type { ConfigSnapshot, RejectedReload } from '../../config/snapshot.ts';
import { modeOf, type Target } from '../../upstream/target.ts';

/** Reasons for which a part of the gateway does less than it should. */
export const DEGRADATIONS = [
  'reload_rejected',
  'drained',
  'read_only',
  'credentials_rejected',
  'circuit_breaker_open',
  'failing',
] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

export type Degraded = {
  readonly part: 'configuration' | 'targets';
  readonly reason: Degradation;
  /** Number of targets. */
  readonly count?: number;
  /** Which, where whoever asks may know. */
  readonly targets?: readonly string[];
};

export type Readiness = {
  readonly status: 'ready';
  readonly version: string;
  readonly degraded: readonly Degraded[];
};

/**
 * A gateway that has a configuration can serve, whatever its targets do: stopping it would help
 * none of them. What is degraded is named; targets by their names only where `named`.
 */
export function readinessOf(
  { targets, version }: ConfigSnapshot,
  rejected: RejectedReload | undefined,
  named: boolean,
): Readiness {
  const byReason = new Map<Degradation, string[]>();
  for (const target of targets.values()) {
    const reason = degradationOf(target);
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), target.name]);
  }
  const degraded = [...byReason].map(([reason, names]): Degraded => {
    const which = named ? { targets: names } : {};
    return { part: 'targets', reason, count: names.length, ...which };
  });
  const reload: Degraded = { part: 'configuration', reason: 'reload_rejected' };
  return {
    status: 'ready',
    version,
    degraded: rejected === undefined ? degraded : [reload, ...degraded],
  };
}

/** The gravest reason first. */
function degradationOf(target: Target): Degradation | undefined {
  const mode = modeOf(target);
  if (mode !== 'active') return mode;
  if (target.credentials.cooldown() !== undefined) return 'credentials_rejected';
  if (target.circuitBreaker.state() !== 'closed') return 'circuit_breaker_open';
  return target.health.view().health === 'failing' ? 'failing' : undefined;
}
