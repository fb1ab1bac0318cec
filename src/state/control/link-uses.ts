import type { FollowedLink } from './control-rows.ts';

type LinkedWrite = { readonly writeId: string; readonly link?: FollowedLink | undefined };

/** The links that writes follow which are under way, or may still be applied. */
export type LinkUses = {
  readonly add: (write: LinkedWrite) => void;
  /** Notes that a write has ended; for `leftMs` it may still be applied. */
  readonly end: (writeId: string, leftMs: number) => void;
  /** The oldest version that a write follows; undefined: none follows any. */
  readonly oldest: () => number | undefined;
};

type LinkUse = { readonly version: number; readonly untilMs: number };

export function createLinkUses(monotonicMs: () => number): LinkUses {
  const uses = new Map<string, LinkUse>();
  return {
    add: ({ link, writeId }) => {
      if (link === undefined) return;
      uses.set(writeId, { version: link.version, untilMs: Number.POSITIVE_INFINITY });
    },
    end: (writeId, leftMs) => {
      const use = uses.get(writeId);
      if (use === undefined) return;
      if (leftMs > 0) uses.set(writeId, { ...use, untilMs: monotonicMs() + leftMs });
      else uses.delete(writeId);
    },
    oldest: () => {
      const nowMs = monotonicMs();
      let oldest: number | undefined;
      for (const [writeId, { untilMs, version }] of uses) {
        if (untilMs <= nowMs) uses.delete(writeId);
        else oldest = Math.min(oldest ?? version, version);
      }
      return oldest;
    },
  };
}
