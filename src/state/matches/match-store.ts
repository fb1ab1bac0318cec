import type { ReceiptRow } from '../control/receipt-row.ts';
import type {
  LinkedMatchItem,
  MatchCandidate,
  MatchConfirmation,
  MatchDecision,
  MatchGroup,
  MatchItem,
  MatchLease,
  MatchPair,
  MatchRun,
  MatchStep,
  Situation,
} from './match-rows.ts';

/**
 * Statements about match runs. Each call is one transaction, and rejects as those of
 * `StateDatabase` do.
 */
export type MatchStore = {
  /** Adds a run that nobody works on yet, with the receipt of that; false: its id is taken. */
  readonly addRun: (
    run: Pick<MatchRun, 'id' | 'by' | 'spec' | 'progress'>,
    receipt: ReceiptRow,
  ) => Promise<boolean>;
  readonly run: (id: string) => Promise<MatchRun | undefined>;
  /** Lists runs, the newest first. */
  readonly runs: (max: number) => Promise<MatchRun[]>;
  /** Lists runs that nobody works on beyond the newest `keep`, and those half removed. */
  readonly runsToRemove: (keep: number) => Promise<string[]>;
  /**
   * Removes at most `max` rows of each kind, the run itself last; returns how many went. From the
   * first call on the run is no longer there for others.
   */
  readonly removeRun: (id: string, max: number) => Promise<number>;
  /** Takes a run over where no replica works on it; undefined where one does, or there is none. */
  readonly claimRun: (id: string, leaseMs: number) => Promise<MatchLease | undefined>;
  /** Stops a run that is not ready, whoever works on it; false where there is none such. */
  readonly stopRun: (id: string, receipt: ReceiptRow) => Promise<boolean>;

  /** Stores progress under a lease; false where it is over, or the run was stopped. */
  readonly storeStep: (lease: MatchLease, step: MatchStep) => Promise<boolean>;
  /** Forgets the links of at most `max` profiles, under a lease; returns of how many. */
  readonly clearLinks: (lease: MatchLease, max: number) => Promise<number>;
  /** Lists the next groups in the order of their keys, after `after`. */
  readonly groupsAfter: (id: string, targets: MatchPair, at: GroupPlace) => Promise<MatchGroup[]>;
  /** Reads the groups of these keys. */
  readonly groupsOf: (
    id: string,
    targets: MatchPair,
    keys: readonly string[],
  ) => Promise<MatchGroup[]>;

  /** Lists candidates in the order of their keys. */
  readonly candidates: (id: string, query: CandidateQuery) => Promise<MatchCandidate[]>;
  readonly countCandidates: (id: string) => Promise<Partial<Record<Situation, number>>>;
  /** Lists the profiles of each key, at most `max` of a side, in the order of their ids. */
  readonly itemsOf: (
    id: string,
    keys: readonly string[],
    max: number,
  ) => Promise<LinkedMatchItem[]>;
  /** Finds profiles by their upstream ids; those that are not there are left out. */
  readonly itemsAt: (
    id: string,
    places: readonly Pick<MatchItem, 'side' | 'upstreamId'>[],
  ) => Promise<LinkedMatchItem[]>;
  /** Returns those of the pairs that an operator has refused. */
  readonly refusedPairs: (
    targets: MatchPair,
    pairs: readonly MatchPair[],
  ) => Promise<readonly MatchPair[]>;
  /** Lists the keys of profiles that these links lead to, or led to when they were stored. */
  readonly keysOfLinks: (id: string, links: MatchDecision['links']) => Promise<string[]>;

  /** Stores a decision; false where the run has changed meanwhile. */
  readonly decide: (decision: MatchDecision, receipt?: ReceiptRow) => Promise<boolean>;
  /**
   * Stores a decision with the links that it sets; returns their version. Undefined, and nothing
   * stored, where the run or any link has changed meanwhile.
   */
  readonly confirm: (
    decision: MatchDecision,
    confirmation: MatchConfirmation,
    receipt: ReceiptRow,
  ) => Promise<number | undefined>;
};

export type GroupPlace = { readonly after: string; readonly max: number };

/** Candidates of one situation, or of all, after a key. */
export type CandidateQuery = GroupPlace & { readonly situation?: Situation | undefined };
