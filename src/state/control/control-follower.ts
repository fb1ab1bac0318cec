import type { StateDatabase } from '../state-database.ts';
import type { Control } from './control-rows.ts';
import { createLinkFollower, type LinkSink } from './link-follower.ts';

/** Follows what holds for all replicas. */
export type ControlFollower = {
  /** Sets who applies what was read besides links. */
  readonly applyBy: (apply: ((control: Control) => void) | undefined) => void;
  /** Reads what holds, and applies it. Rejects with `StateUnavailable`. */
  readonly follow: () => Promise<void>;
  /** Reads the links that were changed before the call; never rejects. */
  readonly followLinks: () => Promise<void>;
  /**
   * Version of the links that `links` has reached, 0 until all were read once, or the oldest that a
   * write follows.
   */
  readonly linksVersion: (oldest: number | undefined) => number;
};

export function createControlFollower(
  database: Pick<StateDatabase, 'control' | 'linkChanges'>,
  links: LinkSink = NOWHERE,
): ControlFollower {
  const follower = createLinkFollower(database, links);
  let apply: ((control: Control) => void) | undefined;
  return {
    applyBy: (by) => {
      apply = by;
    },
    follow: async () => {
      const control = await database.control();
      apply?.(control);
      if (control.linksVersion !== follower.version()) await follower.follow();
    },
    followLinks: () => follower.follow().catch(() => {}),
    linksVersion: (oldest) => {
      const version = follower.version() ?? 0;
      return Math.min(version, oldest ?? version);
    },
  };
}

const NOWHERE: LinkSink = { put: () => {}, clear: () => {}, reached: () => {} };
