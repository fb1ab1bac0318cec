import type {
  AddedLinkTarget,
  Control,
  CooldownRow,
  DrainRow,
  LinkAdded,
  LinkChanges,
  LinkPlace,
  LinkQuery,
  LinkRow,
} from './control/control-rows.ts';
import type { ReceiptRow } from './control/receipt-row.ts';
import type { MatchStore } from './matches/match-store.ts';
import type {
  AmendItem,
  AnnounceItem,
  AnnounceResult,
  BeginItem,
  BeginRow,
  EndItem,
  InDoubtRow,
  LeaseName,
  NamedAnswer,
  Orphan,
} from './write-rows.ts';

export type { ReceiptRow } from './control/receipt-row.ts';
export type {
  AmendItem,
  AnnounceItem,
  AnnounceResult,
  AnswerRow,
  BeginItem,
  BeginRow,
  EndItem,
  IdempotencyKey,
  InDoubtRow,
  LeaseName,
  NamedAnswer,
  Orphan,
  StoredAnswer,
} from './write-rows.ts';

/**
 * Statements of a state that several processes share. Each call is one transaction, and answers
 * its items in their order. Moments are those of the database's clock, never of a process. A call
 * rejects with `StateUnavailable` where the database does not answer in time; what it has done is
 * then unknown.
 */
export type StateDatabase = {
  /** Reach of a lease: the processes of one machine, or every one with this database. */
  readonly lockScope: 'machine' | 'global';

  /** Starts a session and returns its number, which no other ever had. */
  readonly startReplica: (replica: { name: string; version: string }) => Promise<number>;
  /**
   * Counts a beat of an open session that follows the links of `linksVersion`, by default none;
   * undefined where the session is closed.
   */
  readonly beat: (
    replica: number,
    linksVersion?: number,
  ) => Promise<readonly Replica[] | undefined>;
  /** Lists the open sessions. */
  readonly replicas: () => Promise<readonly Replica[]>;
  /**
   * Closes a session: another replica's only while its last beat is still `beat`. True where this
   * call closed it.
   */
  readonly closeReplica: (replica: number, beat?: number) => Promise<boolean>;

  /** Begins writes for `replica`, each on a profile that is free and settled. */
  readonly begin: (replica: number, items: readonly BeginItem[]) => Promise<BeginRow[]>;
  /** Replaces the intents of leases that are still held with this fence. */
  readonly amend: (items: readonly AmendItem[]) => Promise<boolean[]>;
  /**
   * Replaces the intent of a write that is about to be sent, and stores under its key that its end
   * is `unknown`; neither where another write has that key, or the lease is not held any more.
   */
  readonly announce: (item: AnnounceItem) => Promise<AnnounceResult>;
  /**
   * Ends writes whose leases are still held with this fence, each with its receipt and the answer
   * to its key. A write that ended with this fence before is `stored` again, without another
   * receipt; one that another replica has taken over is `fenced`, whether that has ended it or not.
   */
  readonly end: (items: readonly EndItem[]) => Promise<('stored' | 'fenced')[]>;

  /**
   * Replaces the answer to a key while that is of the same write, and is `unknown` or sealed for
   * nobody: what is known of a write stays.
   */
  readonly replaceAnswer: (answer: NamedAnswer) => Promise<void>;

  /** Shows for `lengthMs` from now that a write whose lease is held may still be applied. */
  readonly leaveOpen: (lease: LeaseName, lengthMs: number) => Promise<void>;

  /** Gives back what a session holds under these write ids, whose `begin` got no answer. */
  readonly giveBack: (
    replica: number,
    items: readonly { key: string; writeId: string }[],
  ) => Promise<void>;

  /** Lists at most `max` leases of sessions that are closed. */
  readonly orphans: (max: number) => Promise<Orphan[]>;
  /**
   * Takes leases over for `replica`, each with the next fence and in doubt for `settleMs` from now;
   * undefined for one that another replica has taken.
   */
  readonly takeOver: (
    replica: number,
    items: readonly { key: string; fence: number; settleMs: number }[],
  ) => Promise<(number | undefined)[]>;

  /** Milliseconds for which the profiles are in doubt, 0 where one is settled. */
  readonly inDoubtMs: (keys: readonly string[]) => Promise<number[]>;
  /** Keeps a profile in doubt for `lengthMs` from now at least, whoever writes it. */
  readonly raiseDoubt: (key: string, lengthMs: number) => Promise<void>;
  /** Lists profiles in doubt in the order of their keys, after `after`, with their intents. */
  readonly listInDoubt: (max: number, after: string) => Promise<InDoubtRow[]>;
  /** Settles a profile in doubt that no replica holds; false for any other. */
  readonly liftDoubt: (key: string) => Promise<boolean>;

  /** Stores the receipt of an operator's change. */
  readonly addReceipt: (receipt: ReceiptRow) => Promise<void>;
  /** Lists receipts, the newest first. */
  readonly receipts: (query: ReceiptQuery) => Promise<StoredReceipt[]>;
  readonly receipt: (writeId: string) => Promise<StoredReceipt | undefined>;

  /** Reads what holds for all replicas. */
  readonly control: () => Promise<Control>;
  /** Lists at most `max` links that were changed after a place. */
  readonly linkChanges: (after: LinkPlace, max: number) => Promise<LinkChanges>;
  /** Finds what the API has made of the link of an id; undefined where nothing. */
  readonly link: (id: string) => Promise<LinkRow | undefined>;
  readonly links: (query: LinkQuery) => Promise<LinkRow[]>;
  /**
   * Sets links, or removes those without targets, and stores the receipt of that. Returns the
   * version of the links since which it holds.
   */
  readonly changeLinks: (
    links: readonly Omit<LinkRow, 'version'>[],
    receipt: ReceiptRow,
  ) => Promise<number>;
  /**
   * Adds a target to a link that does not have it, under the lease of the write that has made the
   * profile, and stores the receipt of that.
   */
  readonly addLinkTarget: (
    lease: LeaseName,
    link: AddedLinkTarget,
    receipt: ReceiptRow,
  ) => Promise<LinkAdded>;
  /**
   * Drains a target, or undrains it where `drain` is undefined, and stores the receipt of that,
   * whose outcome is `noop` where nothing was to be changed. So it is where the change has waited
   * for `waitedMs`, by default not at all, and another one was asked for since. A change whose
   * receipt is stored is not made again.
   */
  readonly setDrain: (
    target: string,
    drain: Pick<DrainRow, 'by' | 'reason'> | undefined,
    receipt: ReceiptRow,
    waitedMs?: number,
  ) => Promise<void>;
  /** Begins the cooldown of a credential, or forgets it where `lengthMs` is 0. */
  readonly setCooldown: (cooldown: Pick<CooldownRow, 'credential' | 'lengthMs'>) => Promise<void>;

  /**
   * Marks the database as one of an earlier time, while nobody uses it: closes all sessions, frees
   * their leases, and goes on above every fence and session number that was given since. For
   * `keysLostMs` a key without an answer may be one whose answer was lost.
   */
  readonly markRestored: (keysLostMs: number) => Promise<void>;
  /** Milliseconds for which answers to earlier keys may be missing. */
  readonly keysLostMs: () => Promise<number>;

  readonly matches: MatchStore;

  /** Measures what recovery and the database itself keep small. */
  readonly figures: () => Promise<StateFigures>;
  /** Removes what has served its time, at most `max` rows of each kind; returns how many went. */
  readonly prune: (limits: Retention, max: number) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** A session that is open. */
export type Replica = {
  readonly replica: number;
  readonly beat: number;
  readonly name: string;
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
  /** Version of the links that it follows, as of its last beat; no write follows an older one. */
  readonly linksVersion: number;
};

export type StoredReceipt = ReceiptRow & {
  /** Grows with each receipt. */
  readonly position: number;
  /** Unix milliseconds. */
  readonly atMs: number;
};

/** Conditions that all hold; absent ones hold for every receipt. */
export type ReceiptQuery = {
  readonly key?: string;
  readonly kind?: string;
  readonly id?: string;
  readonly target?: string;
  readonly caller?: string;
  readonly outcome?: string;
  /** Unix milliseconds: from then on, and before then. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Only receipts before this position. */
  readonly before?: number;
  readonly max: number;
};

export type StateFigures = {
  /** Profiles in doubt, at most `STATE_COUNTED_MAX`. */
  readonly inDoubt: number;
  /** Rows of leases that were replaced and wait to be cleaned up; undefined: there are none. */
  readonly deadRows?: number | undefined;
};

export type Retention = {
  readonly receiptMs: number;
  readonly answerMs: number;
  /** Leases that are free and settled, and closed sessions without leases. */
  readonly idleMs: number;
};

/** The database does not answer, or not in time. */
export class StateUnavailable extends Error {
  override name = 'StateUnavailable';
  /** Words for operators, without secrets; undefined: it is not known. */
  readonly reason: string | undefined;

  constructor(message: string, reason?: string) {
    super(message);
    this.reason = reason;
  }
}

/** The database answers, and may have lost commits, so that no write begins yet. */
export class StateUnsettled extends StateUnavailable {
  override name = 'StateUnsettled';
}
