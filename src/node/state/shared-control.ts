import { createHmac } from 'node:crypto';
import type { Clock } from '../../state/clock.ts';
import type { Control } from '../../state/control/control-rows.ts';
import type { StateDatabase } from '../../state/state-database.ts';
import { createSharedCooldowns } from '../../upstream/shared-cooldowns.ts';
import { createSharedDrains, type SharedDrains } from '../../upstream/shared-drains.ts';
import type { Target } from '../../upstream/target.ts';

/** Drains and cooldowns that all replicas share, at the targets of this process. */
export type SharedControl = {
  readonly drains: SharedDrains;
  /** Applies what the state says. */
  readonly apply: (control: Control) => void;
};

export type SharedControlOptions = {
  readonly database: Pick<StateDatabase, 'setDrain' | 'setCooldown'>;
  readonly hashKey: string;
  /** The targets, which reloads may replace. */
  readonly targets: () => ReadonlyMap<string, Target>;
  readonly clock: Clock;
};

export function createSharedControl(options: SharedControlOptions): SharedControl {
  const { clock, database, hashKey, targets } = options;
  const drains = createSharedDrains(database, targets, clock);
  const digestOf = (target: Target): string => credentialDigest(target, hashKey);
  const cooldowns = createSharedCooldowns({
    database,
    targets,
    digestOf,
    monotonicMs: clock.monotonicMs,
  });
  return {
    drains,
    apply: (control) => {
      drains.apply(control.drains);
      cooldowns.apply(control.cooldowns);
    },
  };
}

/** Keyed, since what names a credential may be easily guessed. */
function credentialDigest({ connection, vendor }: Target, hashKey: string): string {
  const { account, secrets } = connection;
  const parts = [vendor, account, ...secrets.map(({ value }) => value)];
  return createHmac('sha256', hashKey).update(JSON.stringify(parts), 'utf8').digest('hex');
}
