import type { Clock } from '../state/clock.ts';
import type { DrainRow } from '../state/control/control-rows.ts';
import type { ReceiptRow, StateDatabase } from '../state/state-database.ts';
import type { Target } from './target.ts';

/** A drain that an operator wants; undefined: that it ends. */
export type WantedDrain = Pick<DrainRow, 'by' | 'reason'> | undefined;

/** Drains of targets that all replicas share. */
export type SharedDrains = {
  /** Applies what the state says, and stores what it does not know yet. */
  readonly apply: (drains: readonly DrainRow[]) => void;
  /**
   * Drains or undrains a target here at once, and stores that with its receipt; false where the
   * state does not answer, and then it is stored later.
   */
  readonly change: (target: Target, drain: WantedDrain, receipt: ReceiptRow) => Promise<boolean>;
};

type DrainChange = {
  readonly drain: WantedDrain;
  readonly receipt: ReceiptRow;
  /** By the clock of spans. */
  readonly askedMs: number;
};

/** Creates the drains of `targets`, which reloads may replace. */
export function createSharedDrains(
  { setDrain }: Pick<StateDatabase, 'setDrain'>,
  targets: () => ReadonlyMap<string, Target>,
  { monotonicMs, now }: Clock,
): SharedDrains {
  /** Changes that are not stored yet, the last one of each target. */
  const waiting = new Map<string, DrainChange>();
  /** Changes that the state has not answered yet. */
  const underWay = new Set<DrainChange>();

  const store = async (name: string, change: DrainChange): Promise<boolean> => {
    const { askedMs, drain, receipt } = change;
    underWay.add(change);
    const isStored = await setDrain(name, drain, receipt, monotonicMs() - askedMs).then(
      () => true,
      () => false,
    );
    underWay.delete(change);
    if (isStored && waiting.get(name) === change) waiting.delete(name);
    return isStored;
  };

  return {
    apply: (drains) => {
      const rows = new Map(drains.map((row) => [row.target, row]));
      for (const { control, name } of targets().values()) {
        const change = waiting.get(name);
        control.pending = change && kindOf(change);
        if (change === undefined) control.drained = drainedBy(rows.get(name));
      }
      for (const [name, change] of waiting) {
        if (!underWay.has(change)) void store(name, change);
      }
    },
    change: async ({ control, name }, drain, receipt) => {
      const change = { drain, receipt, askedMs: monotonicMs() };
      waiting.set(name, change);
      if (drain === undefined) control.drained = undefined;
      else control.drained ??= drainedBy({ ...drain, target: name, sinceMs: now() });
      const isStored = await store(name, change);
      control.pending = isStored ? undefined : kindOf(change);
      return isStored;
    },
  };
}

function drainedBy(row: DrainRow | undefined): Target['control']['drained'] {
  if (row === undefined) return undefined;
  const { by, reason, sinceMs } = row;
  return { sinceMs, by: by || undefined, reason: reason || undefined };
}

function kindOf({ drain }: DrainChange): 'drain' | 'undrain' {
  return drain === undefined ? 'undrain' : 'drain';
}
