import { type JsonObject, optional } from '../../adapter-kit/index.ts';
import type { ConfigProblem } from '../../config/diagnostics.ts';
import type { ConfigSnapshot, RejectedReload } from '../../config/snapshot.ts';
import type { SharedStateView } from '../../state/shared-state.ts';
import type { BreakerState } from '../../telemetry/metrics.ts';
import { RETRIES_SAVED_MAX } from '../../upstream/retry-budget.ts';
import { modeOf, type Target, type TargetMode } from '../../upstream/target.ts';
import type { Health, TargetHealthView } from '../../upstream/target-health.ts';

/** The operator's view of one target. Times are RFC 3339, in UTC. */
export type TargetView = {
  readonly target: string;
  readonly vendor: string;
  readonly idNamespace: string;
  /** The mode in force. */
  readonly mode: TargetMode;
  readonly configuredMode: TargetMode;
  readonly drained?: { readonly since: string; readonly by?: string; readonly reason?: string };
  /** A change that other replicas do not know of yet. */
  readonly pending?: 'drain' | 'undrain';
  readonly health: Health;
  readonly recent: TargetHealthView['recent'];
  readonly lastFailure?: { readonly code: string; readonly at: string };
  readonly inFlight: TargetHealthView['inFlight'];
  /** Requests to the vendor that wait for their turn. */
  readonly queued: number;
  readonly circuitBreaker: BreakerState;
  /** Since the process began. */
  readonly outcomes: TargetHealthView['outcomes'];
  readonly credentials: { readonly coolingDown: boolean; readonly retryAfterSeconds: number };
  readonly retryBudget: { readonly left: number; readonly max: number };
};

export function targetView(target: Target): TargetView {
  const { health, circuitBreaker, control, credentials, idNamespace, name, retryBudget, limiter } =
    target;
  const { lastFailure, ...seen } = health.view();
  const { drained } = control;
  const cooldown = credentials.cooldown();
  return {
    target: name,
    vendor: target.vendor,
    idNamespace,
    mode: modeOf(target),
    configuredMode: target.configuredMode,
    ...(drained === undefined
      ? {}
      : {
          drained: {
            since: timeText(drained.sinceMs),
            ...optional('by', drained.by),
            ...optional('reason', drained.reason),
          },
        }),
    ...optional('pending', control.pending),
    ...seen,
    queued: limiter.counts().waiting,
    circuitBreaker: circuitBreaker.state(),
    ...(lastFailure === undefined
      ? {}
      : { lastFailure: { code: lastFailure.code, at: timeText(lastFailure.atMs) } }),
    credentials: {
      coolingDown: cooldown !== undefined,
      retryAfterSeconds: cooldown?.retryAfterSeconds ?? 0,
    },
    retryBudget: { left: retryBudget.available(), max: RETRIES_SAVED_MAX },
  };
}

export type ConfigurationView = {
  readonly version: string;
  readonly loadedAt: string;
  /** Every secret in it is `«secret:path»`. */
  readonly configuration: JsonObject;
  /** The last reload, where it was rejected. */
  readonly rejectedReload?: { readonly at: string; readonly problems: readonly ConfigProblem[] };
};

export function configurationView(
  { effective, loadedAtMs, version }: ConfigSnapshot,
  rejected: RejectedReload | undefined,
): ConfigurationView {
  return {
    version,
    loadedAt: timeText(loadedAtMs),
    configuration: effective,
    ...(rejected === undefined
      ? {}
      : { rejectedReload: { at: timeText(rejected.atMs), problems: rejected.problems } }),
  };
}

/** The processes that share the state, as the last beat of this one showed them. */
export type ReplicasView = {
  /** False while the state does not answer. */
  readonly reachable: boolean;
  readonly replicas: readonly {
    readonly name: string;
    readonly version: string;
    readonly startedAt: string;
    /** True for the process that responds. */
    readonly self: boolean;
    /** Version of the links that it follows. */
    readonly linksVersion: number;
  }[];
};

export function replicasView({ isReachable, replica, replicas }: SharedStateView): ReplicasView {
  return {
    reachable: isReachable,
    replicas: replicas.map(({ linksVersion, name, replica: number, startedAtMs, version }) => ({
      name,
      version,
      startedAt: timeText(startedAtMs),
      self: number === replica,
      linksVersion,
    })),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
