import {
  type Adapter,
  type Connection,
  type Fault,
  type FieldIndex,
  indexFields,
  optional,
  ownFault,
} from '../adapter-kit/index.ts';
import type { Transport } from '../ports.ts';
import type { Clock } from '../state/clock.ts';
import { createRedactor, type Redactor } from '../telemetry/redactor.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { type ConcurrencyLimiter, createConcurrencyLimiter } from './concurrency-limiter.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';
import { createTargetHealth, type TargetHealth } from './target-health.ts';
import { TARGET_LIMITS, type TargetLimits } from './target-limits.ts';

/** Returns the fault of a read or write that the mode of the target does not allow. */
export function refuseByMode(target: Target, purpose: 'read' | 'write'): Fault | undefined {
  const mode = modeOf(target);
  if (mode === 'drained') {
    const detail = `The target ${target.name} is drained by an operator.`;
    return ownFault('target_unavailable', detail);
  }
  if (mode === 'active' || purpose === 'read') return undefined;
  return ownFault('target_read_only', `The target ${target.name} accepts only reads for now.`);
}

/**
 * Modes of a target, set by operators: all requests, reads only, or none. Routing ignores the mode,
 * since another target does not have the profile.
 */
export const TARGET_MODES = ['active', 'read_only', 'drained'] as const;
export type TargetMode = (typeof TARGET_MODES)[number];

/** One configured account of a vendor, with its state at run time. */
export type Target = {
  readonly name: string;
  readonly vendor: string;
  /** Targets of one id namespace call a profile by the same id. */
  readonly idNamespace: string;
  /** Targets of one write namespace share the locks and in-doubt marks of their profiles. */
  readonly writeNamespace: string;
  /** The write namespace of the version before, whose profiles may still be in doubt. */
  readonly formerNamespace?: string | undefined;
  readonly timeoutMs: number;
  readonly limits: TargetLimits;
  readonly settleMs: number;
  /** A create needs no idempotency key, although a repeat makes another profile. */
  readonly createWithoutKey: boolean;
  /** `modeOf` returns the mode in force. */
  readonly configuredMode: TargetMode;
  readonly control: TargetControl;
  readonly connection: Connection;
  readonly fields: FieldIndex;
  readonly credentials: Credentials;
  readonly redactor: Redactor;
  readonly retryBudget: RetryBudget;
  readonly circuitBreaker: CircuitBreaker;
  readonly limiter: ConcurrencyLimiter;
  readonly transport: Transport;
  readonly health: TargetHealth;
};

/** Mode that an operator set at run time, which reloads keep until it is reset. */
export type TargetControl = {
  drained:
    | {
        readonly sinceMs: number;
        readonly by: string | undefined;
        readonly reason?: string | undefined;
      }
    | undefined;
  /** A change that is not stored yet, so that other replicas do not know of it. */
  pending?: 'drain' | 'undrain' | undefined;
};

/** Returns the mode in force: the configured one, unless an operator has drained the target. */
export function modeOf({ configuredMode, control }: Target): TargetMode {
  return control.drained === undefined ? configuredMode : 'drained';
}

export type TargetOptions = {
  readonly name: string;
  readonly idNamespace: string;
  /** By default that of no other target. */
  readonly writeNamespace?: string;
  readonly timeoutMs: number;
  readonly limits?: TargetLimits;
  /** PEM certificates of the authorities trusted instead of the public ones. */
  readonly ca?: string | undefined;
  readonly mode?: TargetMode;
  readonly createWithoutKey?: boolean;
  /** By default that of the adapter. */
  readonly settleMs?: number | undefined;
  readonly adapter: Adapter;
  readonly connection: Connection;
  readonly clock: Clock;
};

export function createTarget(options: TargetOptions): Target {
  const {
    adapter,
    ca,
    clock,
    connection,
    idNamespace,
    limits = TARGET_LIMITS,
    name,
    timeoutMs,
  } = options;
  const { circuitBreaker, connectTimeoutMs, maxConcurrentRequests } = limits;
  const reached = {
    connectTimeoutMs,
    connectionsMax: maxConcurrentRequests,
    ...optional('ca', ca),
  };
  return {
    name,
    vendor: adapter.vendor,
    idNamespace,
    writeNamespace: options.writeNamespace ?? name,
    timeoutMs,
    limits,
    settleMs: options.settleMs ?? adapter.settleMs,
    createWithoutKey: options.createWithoutKey ?? false,
    configuredMode: options.mode ?? 'active',
    control: { drained: undefined },
    connection,
    fields: indexFields(connection.fields),
    credentials: createCredentials(clock, limits.maxQueuedRequests),
    redactor: createRedactor(connection.secrets),
    retryBudget: createRetryBudget(),
    circuitBreaker: createCircuitBreaker(circuitBreaker, clock.monotonicMs),
    limiter: createConcurrencyLimiter(limits, clock.monotonicMs),
    transport: { id: JSON.stringify([name, reached]), ...reached },
    health: createTargetHealth(clock),
  };
}
