import type { MaybePromise } from '../adapter-kit/index.ts';

/** What one profile is called at each target, by the target's name. */
export type Link = ReadonlyMap<string, string>;

/** What the links say of an id, wherever they are kept. */
export type Links = {
  /** The link of a gateway id; undefined when it has none. */
  readonly find: (id: string) => MaybePromise<Link | undefined>;
  /** A hash of all links, where they are read as a whole. */
  readonly digest?: string;
};

/** Opens the links that a configuration names; every problem is told, and none quotes a link. */
export type OpenLinks = (source: string, targets: readonly string[]) => Promise<LinksOpened>;

export type LinksOpened =
  | { readonly ok: true; readonly links: Links }
  | { readonly ok: false; readonly problems: readonly string[] };
