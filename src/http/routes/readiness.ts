import type { ConfigSnapshot, RefusedReload } from '../../config/snapshot.ts';
import { modeOf, type Target } from '../../upstream/target.ts';

/** Why a part of the gateway does less than it should. */
export const DEGRADATIONS = [
  'reload-refused',
  'drained',
  'read_only',
  'credentials-refused',
  'breaker-open',
  'failing',
] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

export type Degraded = {
  readonly part: 'configuration' | 'targets';
  readonly why: Degradation;
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
  refused: RefusedReload | undefined,
  named: boolean,
): Readiness {
  const byReason = new Map<Degradation, string[]>();
  for (const target of targets.values()) {
    const why = degradationOf(target);
    if (why !== undefined) byReason.set(why, [...(byReason.get(why) ?? []), target.name]);
  }
  const degraded = [...byReason].map(([why, names]): Degraded => {
    const which = named ? { targets: names } : {};
    return { part: 'targets', why, count: names.length, ...which };
  });
  const reload: Degraded = { part: 'configuration', why: 'reload-refused' };
  return {
    status: 'ready',
    version,
    degraded: refused === undefined ? degraded : [reload, ...degraded],
  };
}

/** The gravest reason first. */
function degradationOf(target: Target): Degradation | undefined {
  const mode = modeOf(target);
  if (mode !== 'active') return mode;
  if (target.credentials.cooldown() !== undefined) return 'credentials-refused';
  if (target.circuitBreaker.state() !== 'closed') return 'breaker-open';
  return target.health.view().health === 'failing' ? 'failing' : undefined;
}
