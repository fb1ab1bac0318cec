import type {
  AddedLinkTarget,
  Control,
  CooldownRow,
  DrainRow,
  FollowedLink,
  LinkAdded,
  LinkChanges,
  LinkPlace,
  LinkQuery,
  LinkRow,
  UnlinkedProfile,
} from './control/control-rows.ts';
import type { ReceiptRow } from './control/receipt-row.ts';
import type { MatchStore } from './matches/match-store.ts';

export type { ReceiptRow } from './control/receipt-row.ts';

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
  /** Adds a target to a link that does not have it, and stores the receipt of that. */
  readonly addLinkTarget: (link: AddedLinkTarget, receipt: ReceiptRow) => Promise<LinkAdded>;
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

export type BeginItem = {
  readonly key: string;
  readonly formerKey?: string | undefined;
  readonly writeId: string;
  /** The intent, as JSON. */
  readonly intent: string;
  readonly idempotency?: IdempotencyKey | undefined;
  /** Absent: the write follows no link that could have been changed. */
  readonly link?: FollowedLink | undefined;
};

/** The key that a caller gave a request, and a digest of what it asks for. */
export type IdempotencyKey = {
  /** Empty where everybody may call. */
  readonly caller: string;
  /** The id as it stands in the path. */
  readonly id: string;
  /** A digest; the key itself is stored nowhere. */
  readonly keyHash: string;
  readonly fingerprint: string;
};

/** The answer that an earlier request with the same key got. */
export type StoredAnswer = {
  readonly fingerprint: string;
  readonly writeId: string;
  readonly outcome: string;
  /** Readable only for who knows the key; empty where the write was closed by who does not. */
  readonly sealed: string;
  /** Time since it was stored. */
  readonly ageMs: number;
};

/** An answer as it is stored for repeats of its request. */
export type AnswerRow = IdempotencyKey & Pick<StoredAnswer, 'outcome' | 'sealed'>;

/** The same with the write that it ended. */
export type NamedAnswer = AnswerRow & { readonly writeId: string };

/** The end of one item of `begin`; `answer` is that under its key, whatever else holds. */
export type BeginRow = { readonly answer?: StoredAnswer | undefined } & (
  | { readonly kind: 'begun'; readonly fence: number }
  /** Another write is under way, with the key whose hash is `keyHash`. */
  | { readonly kind: 'held'; readonly keyHash: string | undefined }
  | { readonly kind: 'in_doubt'; readonly leftMs: number }
  /** The link that the write follows was changed. */
  | { readonly kind: 'stale' }
);

/** A lease that is held. */
export type LeaseName = { readonly key: string; readonly fence: number; readonly writeId: string };

export type AmendItem = LeaseName & { readonly intent: string };

export type EndItem = LeaseName & {
  /** For so long from now the write may still be applied; 0: not at all. */
  readonly doubtMs: number;
  /** Undefined: the lease is given back, nothing was done under it. */
  readonly receipt?: ReceiptRow | undefined;
  readonly answer?: AnswerRow | undefined;
  /** Takes the targets of a profile that was deleted out of its links. */
  readonly unlink?: UnlinkedProfile | undefined;
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

export type Orphan = LeaseName & {
  readonly intent: string;
  /** The session that held it. */
  readonly replica: number;
  /** Age of the intent. */
  readonly ageMs: number;
  readonly inDoubtMs: number;
};

export type InDoubtRow = {
  readonly key: string;
  readonly leftMs: number;
  /** The intent of the write that may still be applied, where it is known. */
  readonly intent: string | undefined;
  /** The same write, and its age; only with an intent. */
  readonly writeId?: string | undefined;
  readonly ageMs?: number | undefined;
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
