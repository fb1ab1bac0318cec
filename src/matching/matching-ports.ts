import type { MaybePromise, Result, StoredProfile } from '../adapter-kit/index.ts';
import type { Links } from '../routing/links.ts';
import type { MatchStore } from '../state/matches/match-store.ts';
import type { StateDatabase } from '../state/state-database.ts';

/** A page of the profiles of a target. */
export type MatchPage = {
  readonly items: readonly Pick<StoredProfile, 'upstreamId' | 'content'>[];
  /** Place of the next page, for any replica; absent: this is the last one. */
  readonly cursor?: string;
  /** The target has left out profiles that no page shows. */
  readonly isTruncated?: boolean;
  /** Pages have numbers: while others come and go, a walk may miss a profile that is there. */
  readonly isShifting?: boolean;
};

/** Reads one page of the profiles of a target: the first one without a cursor. */
export type ReadMatchPage = (target: string, cursor?: string) => Promise<Result<MatchPage>>;

/** Everything that a match run needs of the process around it. */
export type MatchingPorts = {
  readonly store: MatchStore;
  readonly linkChanges: StateDatabase['linkChanges'];
  /** Reads the links that were changed, so that `links` has them. */
  readonly follow: () => Promise<void>;
  /** The links in force, which reloads may replace. */
  readonly links: () => Links | undefined;
  readonly listPage: ReadMatchPage;
  /** A keyed hash, as text that stands in the state. */
  readonly hash: (text: string) => MaybePromise<string>;
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};
