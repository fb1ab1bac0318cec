/** Upstream ids of one profile, by the names of targets. */
export type LinkTargets = Readonly<Record<string, string>>;

/** A link that was set or removed by the API. */
export type LinkRow = {
  readonly id: string;
  /** Absent: the id has no link, whatever a file says. */
  readonly targets?: LinkTargets | undefined;
  /** Version of the links since which it is so; of all links that one change has set the same. */
  readonly version: number;
};

/** Place of a link in the order in which links were changed. */
export type LinkPlace = Pick<LinkRow, 'version' | 'id'>;

/** Links that were changed, in that order, and the version of all links at the same moment. */
export type LinkChanges = { readonly version: number; readonly rows: readonly LinkRow[] };

/** Links with targets in the order of their ids, after `after`; of one upstream id, if given. */
export type LinkQuery = {
  readonly after: string;
  readonly max: number;
  readonly at?: { readonly target: string; readonly upstreamId: string } | undefined;
};

/** A profile that was deleted, and the links that led to it. */
export type UnlinkedProfile = {
  /** Targets that reach the profile, all by this upstream id. */
  readonly targets: readonly string[];
  readonly upstreamId: string;
  readonly links: readonly {
    readonly id: string;
    /** Targets that the id has where the API has not changed its link. */
    readonly below: LinkTargets;
  }[];
};

/** A target that is added to the link of an id. */
export type AddedLinkTarget = {
  readonly id: string;
  readonly target: string;
  readonly upstreamId: string;
  /** Targets that the id has where the API has not changed its link. */
  readonly below: LinkTargets;
};

/**
 * Link of an id at a target: `linked` to this upstream id, `taken` by another one before, or not
 * made since another replica, or an operator, has ended the write (`fenced`).
 */
export type LinkAdded = 'linked' | 'taken' | 'fenced';

/** The link that a write follows: that of `id` as all links were at `version`. */
export type FollowedLink = { readonly id: string; readonly version: number };

/** A target that an operator has drained, until it is undrained. */
export type DrainRow = {
  readonly target: string;
  /** Unix milliseconds. */
  readonly sinceMs: number;
  /** Empty where everybody may call. */
  readonly by: string;
  /** Empty where none was given. */
  readonly reason: string;
};

/** A credential that its vendor has refused. */
export type CooldownRow = {
  /** A digest of the credential. */
  readonly credential: string;
  /** Time for which it is not sent; 0 or less: it may be tried. */
  readonly leftMs: number;
  /** Length of that time when it began. */
  readonly lengthMs: number;
};

/** State that operators and vendors have set for all replicas. */
export type Control = {
  /** Version of all links. */
  readonly linksVersion: number;
  readonly drains: readonly DrainRow[];
  readonly cooldowns: readonly CooldownRow[];
};
