import type { FollowedLink } from './control-rows.ts';

type LinkedWrite = { readonly writeId: string; readonly link?: FollowedLink | undefined };

/** The links that writes under way follow. */
export type LinkUses = {
  readonly add: (write: LinkedWrite) => void;
  readonly remove: (writeId: string) => void;
  /** The oldest version that a write follows; undefined: none follows any. */
  readonly oldest: () => number | undefined;
};

export function createLinkUses(): LinkUses {
  const versions = new Map<string, number>();
  return {
    add: ({ link, writeId }) => {
      if (link !== undefined) versions.set(writeId, link.version);
    },
    remove: (writeId) => {
      versions.delete(writeId);
    },
    oldest: () => {
      let oldest: number | undefined;
      for (const version of versions.values()) oldest = Math.min(oldest ?? version, version);
      return oldest;
    },
  };
}
