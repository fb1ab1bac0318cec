import type { LinkTargets } from '../control/control-rows.ts';

/** States of a match run: it lists and compares, was stopped, cannot go on, or is compared. */
export const MATCH_STATES = ['running', 'stopped', 'failed', 'ready'] as const;
export type MatchState = (typeof MATCH_STATES)[number];

/** Place of a candidate, as far as its profiles and their links show it. */
export const SITUATIONS = [
  'unique',
  'ambiguous',
  'duplicate_key',
  'missing',
  'extra',
  'already_linked',
  'refused',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** The first or the second target of a match run. */
export type MatchSide = 0 | 1;

/** A comparison of the profiles of two targets. */
export type MatchRun = {
  readonly id: string;
  /** Unix milliseconds. */
  readonly createdAtMs: number;
  /** Empty where everybody may call. */
  readonly by: string;
  /** The targets and keys, as JSON. */
  readonly spec: string;
  readonly state: MatchState;
  /** Progress, as JSON. */
  readonly progress: string;
  /** Reason for which it has failed; empty where it has not. */
  readonly problem: string;
  /** Grows each time that a replica takes it over. */
  readonly fence: number;
  /** Grows with each decision about its candidates. */
  readonly decisions: number;
  /** True while a replica works on it. */
  readonly isLeased: boolean;
};

/** The lease under which one replica works on a run. */
export type MatchLease = Pick<MatchRun, 'id' | 'fence'>;

/** A profile that a run has listed. */
export type MatchItem = {
  readonly side: MatchSide;
  readonly upstreamId: string;
  /** Hash of its normalized keys; of a profile without one, a hash that no other has. */
  readonly key: string;
  readonly hasKey: boolean;
  /** Id that a new link of it gets; empty: none is known. */
  readonly newLinkId: string;
};

/** A profile with the link that leads to it. */
export type LinkedMatchItem = MatchItem & {
  /** Undefined: no link leads to it. */
  readonly linkId: string | undefined;
  /** Upstream id at the other target of the run, which the same link names. */
  readonly linkedTo: string | undefined;
};

/** A link that leads to a profile of a run. */
export type MatchLink = Pick<LinkedMatchItem, 'side' | 'upstreamId' | 'linkId' | 'linkedTo'>;

/** Links that were changed: the ids of all of them, and what they lead to now. */
export type MatchLinks = {
  readonly ids: readonly string[];
  readonly ends: readonly MatchLink[];
};

/** One side of a group: all profiles, those without a partner, and the one with the least id. */
export type GroupSide = {
  readonly all: number;
  readonly free: number;
  readonly linkId: string | undefined;
};

/** The profiles of both targets that have the same key. */
export type MatchGroup = {
  readonly key: string;
  readonly first: GroupSide;
  readonly second: GroupSide;
  /** Pairs of profiles without a partner that an operator has refused. */
  readonly refused: number;
};

/** A group with its situation. */
export type MatchCandidate = { readonly key: string; readonly situation: Situation };

/** Upstream ids at the first and at the second target. */
export type MatchPair = readonly [first: string, second: string];

/** Progress of a run that a replica works on; lists may be empty. */
export type MatchStep = {
  readonly items: readonly MatchItem[];
  readonly links: MatchLinks;
  readonly candidates: readonly MatchCandidate[];
  readonly progress: string;
  readonly state: MatchState;
  readonly problem: string;
  /** Time for which the lease holds from now on; 0 gives it back. */
  readonly leaseMs: number;
};

/** A change of a run that is ready, by an operator or by links that were changed. */
export type MatchDecision = Pick<MatchRun, 'id' | 'fence' | 'decisions'> & {
  readonly targets: MatchPair;
  readonly links: MatchLinks;
  readonly candidates: readonly MatchCandidate[];
  /** Pairs to refuse. */
  readonly refusals: readonly MatchPair[];
  /** Absent: it stays as it is. */
  readonly progress?: string | undefined;
};

/** Links to set where all links are of that version still, and their pairs are not refused. */
export type MatchConfirmation = {
  readonly linksVersion: number;
  readonly links: readonly { readonly id: string; readonly targets: LinkTargets }[];
  readonly pairs: readonly MatchPair[];
};
