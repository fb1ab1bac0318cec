import type { CooldownRow } from '../state/control/control-rows.ts';
import type { StateDatabase } from '../state/state-database.ts';
import type { Target } from './target.ts';

/** Cooldowns of credentials that all replicas share: vendors count the refusals of all together. */
export type SharedCooldowns = {
  /** Applies what the state says; what begins here is stored at once, or with the next call. */
  readonly apply: (cooldowns: readonly CooldownRow[]) => void;
};

export type SharedCooldownsOptions = {
  readonly database: Pick<StateDatabase, 'setCooldown'>;
  /** The targets, which reloads may replace. */
  readonly targets: () => ReadonlyMap<string, Target>;
  /** Returns a digest of the credential of a target, by which it is stored. */
  readonly digestOf: (target: Target) => string;
  readonly monotonicMs: () => number;
};

/** A change that is not stored yet: a cooldown until then, or the end of one. */
type CooldownChange = { readonly lengthMs: number; readonly untilMs: number };

export function createSharedCooldowns(options: SharedCooldownsOptions): SharedCooldowns {
  const { database, digestOf, monotonicMs, targets } = options;
  const digests = new WeakMap<Target['credentials'], string>();
  /** Changes that are not stored yet, by the credentials. */
  const waiting = new Map<string, CooldownChange>();

  const store = async (credential: string, change: CooldownChange): Promise<void> => {
    const leftMs = change.untilMs - monotonicMs();
    // A cooldown that is over concerns nobody; the end of one still ends it for others.
    const isOver = change.lengthMs > 0 && leftMs <= 0;
    if (!isOver) {
      await database.setCooldown({ credential, lengthMs: Math.max(0, leftMs) });
    }
    if (waiting.get(credential) === change) waiting.delete(credential);
  };
  const report = (credential: string, lengthMs: number): void => {
    const change = { lengthMs, untilMs: monotonicMs() + lengthMs };
    waiting.set(credential, change);
    void store(credential, change).catch(() => {});
  };
  const digestAt = (target: Target): string => {
    const known = digests.get(target.credentials);
    if (known !== undefined) return known;
    const credential = digestOf(target);
    digests.set(target.credentials, credential);
    target.credentials.shareBy((lengthMs) => report(credential, lengthMs));
    return credential;
  };

  return {
    apply: (cooldowns) => {
      const rows = new Map(cooldowns.map((row) => [row.credential, row]));
      for (const target of targets().values()) {
        const credential = digestAt(target);
        if (!waiting.has(credential)) target.credentials.adopt(rows.get(credential));
      }
      for (const [credential, change] of waiting) void store(credential, change).catch(() => {});
    },
  };
}
