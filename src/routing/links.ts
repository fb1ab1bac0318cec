import type { MaybePromise } from '../adapter-kit/index.ts';

/** Upstream ids of one profile, by the target's name. */
export type Link = ReadonlyMap<string, string>;

export type IdTest = (id: string) => boolean;

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
  /** Lists links from a place on, 0 at first; absent where they are looked up one by one. */
  readonly list?: (place: number, max: number) => ListedLinks;
  /**
   * Finds the ids of the links that lead to an upstream id at a target, as far as `isCounted`
   * accepts them; `indexing` while they are being read for the first time, a part with each call.
   * Where more than `LINKS_OF_PROFILE_MAX` lead there, it finds some more than that, not all.
   * Absent where there is no list.
   */
  readonly idsAt?: (
    target: string,
    upstreamId: string,
    isCounted?: IdTest,
  ) => readonly string[] | 'indexing';
  /** The links that the API has changed, where it can. */
  readonly changes?: LinkChangesView;
};

/**
 * Returns the ids of the links that lead to an upstream id at a target. The first look reads all
 * links: others are served between its parts, in the time that `sleep` gives up.
 */
export async function linkedIdsAt(
  { idsAt }: Pick<Links, 'idsAt'>,
  target: string,
  upstreamId: string,
  sleep: (ms: number) => Promise<void>,
): Promise<readonly string[]> {
  for (;;) {
    const ids = idsAt?.(target, upstreamId) ?? [];
    if (ids !== 'indexing') return ids;
    await sleep(0);
  }
}

/** Links of consecutive places, and the place after them; undefined: there are no more. */
export type ListedLinks = {
  readonly links: readonly { readonly id: string; readonly link: Link; readonly place: number }[];
  readonly next: number | undefined;
};

/** The links that the API has changed, as this process knows them. */
export type LinkChangesView = {
  /** Version of all links that `find` answers by; undefined while they were never read. */
  readonly version: () => number | undefined;
  /** Reports whether the API has set or removed the link of an id. */
  readonly has: (id: string) => boolean;
  /** The links of the configuration, which hold where the API has changed nothing. */
  readonly below: Links | undefined;
};

/** Opens the links that a configuration names; problems are reported, and none quotes a link. */
export type OpenLinks = (source: string, targets: readonly string[]) => Promise<LinksOpened>;

export type LinksOpened =
  | { readonly ok: true; readonly links: Links }
  | { readonly ok: false; readonly problems: readonly string[] };
