import type { MaybePromise } from '../adapter-kit/index.ts';

/** Upstream ids of one profile, by the target's name. */
export type Link = ReadonlyMap<string, string>;

/** The place where links are kept does not answer. */
export class LinksUnavailable extends Error {
  override name = 'LinksUnavailable';
}

/** Look-up of links, wherever they are kept. */
export type Links = {
  /** The link of a gateway id; undefined when it has none. */
  readonly find: (id: string) => MaybePromise<Link | undefined>;
  /** A hash of all links, where they are read as a whole. */
  readonly digest?: string;
};

/** Opens the links that a configuration names; problems are reported, and none quotes a link. */
export type OpenLinks = (source: string, targets: readonly string[]) => Promise<LinksOpened>;

export type LinksOpened =
  | { readonly ok: true; readonly links: Links }
  | { readonly ok: false; readonly problems: readonly string[] };
