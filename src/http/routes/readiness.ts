import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { modeOf, type Target } from '../../upstream/target.ts';

/** Reasons why a part of the gateway is degraded. */
export const DEGRADATIONS = [
  'state_unavailable',
  'reload_rejected',
  'drained',
  'read_only',
  'credentials_rejected',
  'circuit_breaker_open',
  'failing',
] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

export type Degraded = {
  readonly part: 'state' | 'configuration' | 'targets';
  readonly reason: Degradation;
  /** Number of targets. */
  readonly count?: number;
  /** Their names, if the caller may see them. */
  readonly targets?: readonly string[];
};

export type Readiness = {
  readonly status: 'ready';
  readonly version: string;
  readonly degraded: readonly Degraded[];
};

/**
 * Reports what is degraded. A gateway that has a configuration is ready whatever its targets do:
 * stopping it would help none of them. Targets are named only if `named`.
 */
export function readinessOf(
  { targets, version }: ConfigSnapshot,
  failing: { readonly reload: boolean; readonly state: boolean },
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
  const own: Degraded[] = [];
  if (failing.state) own.push({ part: 'state', reason: 'state_unavailable' });
  if (failing.reload) own.push({ part: 'configuration', reason: 'reload_rejected' });
  return { status: 'ready', version, degraded: [...own, ...degraded] };
}

/** The gravest reason first. */
function degradationOf(target: Target): Degradation | undefined {
  const mode = modeOf(target);
  if (mode !== 'active') return mode;
  if (target.credentials.cooldown() !== undefined) return 'credentials_rejected';
  if (target.circuitBreaker.state() !== 'closed') return 'circuit_breaker_open';
  return target.health.view().health === 'failing' ? 'failing' : undefined;
}
