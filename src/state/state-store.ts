import type { AddedLinkTarget, FollowedLink, UnlinkedProfile } from './control/control-rows.ts';
import type { LockScope } from './profile-lock.ts';
import type {
  AnnounceResult,
  AnswerRow,
  IdempotencyKey,
  LeaseName,
  NamedAnswer,
  ReceiptRow,
  StoredAnswer,
  StoredReceipt,
} from './state-database.ts';

/**
 * Begins and ends writes: of all those to one profile that a store serves, one runs at a time, and
 * none while an earlier one may still be applied.
 */
export type StateStore = {
  /** Reach of that rule. */
  readonly lockScope: LockScope;
  /** Key of the hashes that stand for values; absent: nothing outlives the process. */
  readonly hashKey?: string;
  /** Begins a write. A promise only where it has to wait; it never rejects. */
  readonly begin: (request: BeginRequest) => Begun | Promise<Begun>;
  /** Replaces the intent of a write; false where the lease is lost. Absent: there are none. */
  readonly amend?: (lease: Lease, intent: string) => Promise<boolean>;
  /**
   * Replaces the intent of a write with a key that is about to be sent, and stores under that key
   * that its end is not known; see `StateDatabase.announce`. It never rejects. Absent: `amend` will
   * do, since no other place takes the key meanwhile.
   */
  readonly announce?: (
    lease: Lease,
    intent: string,
    key: IdempotencyKey,
  ) => Promise<AnnounceResult | 'unavailable'>;
  /** Asked at the last moment before bytes of a write leave. Absent: they always may. */
  readonly mayStillSend?: (lease: Lease) => boolean;
  /**
   * Ends a write that `begin` began, however it ended. A promise only where the caller must not get
   * its answer before; it never rejects.
   */
  readonly end: (lease: Lease, ending?: Ending) => Promise<Ended> | undefined;
  /**
   * Leaves a write open that was sent without an answer: until it ends, no other begins, and none
   * waits. True where the state itself closes it, by what its intent says; else whoever began it
   * must end it.
   */
  readonly leaveOpen: (lease: Lease) => boolean;
  /**
   * Adds a target to the link of an id; see `StateDatabase.addLinkTarget`. It never rejects:
   * `unavailable` where the state cannot be reached, or the lease is lost. Absent: links cannot be
   * changed.
   */
  readonly addLinkTarget?: (
    lease: LeaseName,
    link: AddedLinkTarget,
    receipt: ReceiptRow,
  ) => Promise<'linked' | 'taken' | 'unavailable'>;
  /**
   * Replaces the answer to a key by what became known of its write; what was known before stays. It
   * never rejects.
   */
  readonly replaceAnswer: (answer: NamedAnswer) => Promise<void> | undefined;
  /**
   * Finds the receipt of a write, undefined where it has none; `unavailable` where the state cannot
   * be reached. It never rejects. Absent: there are none.
   */
  readonly receipt?: (writeId: string) => Promise<StoredReceipt | 'unavailable' | undefined>;
  /**
   * Finds the id of the create that has made a profile, as far as it is known here; `unavailable`
   * where the state cannot be reached. It never rejects.
   */
  readonly creatorOf: (profileKey: string) => Creator | Promise<Creator>;
  /** Marks the profile in doubt for `lengthMs` from now; never ends an earlier mark sooner. */
  readonly markInDoubt: (lease: Lease, lengthMs: number) => void;
  /** Removes the mark: nothing that was sent can still be applied. */
  readonly clearInDoubt: (lease: Lease) => void;
  /** Milliseconds for which the mark of a write lasts. */
  readonly markLeftMs: (lease: Lease) => number;
  /** Reads the links that were changed; never rejects. Absent: none can be. */
  readonly followLinks?: () => Promise<void>;
  /** Milliseconds until a profile is settled, 0 where it is or where that is not known. */
  readonly inDoubtMs: (profile: ProfileKeys) => number | Promise<number>;
};

/** Id of a create. */
type Creator = string | 'unavailable' | undefined;

export type ProfileKeys = {
  /** The profile, wherever it is written from: see `profileKey`. */
  readonly key: string;
  /** Its key in the configuration before, under which it may still be in doubt. */
  readonly formerKey?: string | undefined;
};

export type BeginRequest = ProfileKeys & {
  readonly writeId: string;
  /** Longest wait for writes before this one. */
  readonly waitMsMax: number;
  /** The intent of the write, as JSON; only for a store with `hashKey`. */
  readonly intent?: string | undefined;
  readonly idempotency?: IdempotencyKey | undefined;
  /** The link that the write follows; absent: none that could have been changed. */
  readonly link?: FollowedLink | undefined;
};

/** The right to write one profile, from `begin` to `end`. */
export type Lease = {
  readonly kind: 'begun';
  readonly key: string;
  readonly writeId: string;
  /** Grows with each lease of the profile; 0 in a store that needs none. */
  readonly fence: number;
};

export type Begun =
  | Lease
  /** Too many wait for the profile, or its turn has not come in time. */
  | { readonly kind: 'busy' }
  /** An earlier write may still be applied for `leftMs`. */
  | { readonly kind: 'in_doubt'; readonly leftMs: number }
  /** A request with the same key was answered; `leftMs` as above. */
  | { readonly kind: 'answered'; readonly answer: StoredAnswer; readonly leftMs: number }
  /** A request with the same key is under way. */
  | { readonly kind: 'in_progress' }
  /** The link that the write follows was changed: it is to be looked up again. */
  | { readonly kind: 'stale' }
  /** A restore may have lost the answer to the key; nothing was begun. */
  | { readonly kind: 'keys_lost' }
  /** The state cannot be reached; nothing was begun. */
  | { readonly kind: 'unavailable' };

export type Ending = {
  /** Undefined: nothing was done under the lease. */
  readonly receipt?: ReceiptRow | undefined;
  /** The answer that a repeat with the same key gets. */
  readonly answer?: AnswerRow | undefined;
  /** Its end is not known here: where it may have been sent, its key stays taken. */
  readonly isUnknown?: true;
  /** The key that was announced; see `EndItem`. */
  readonly announcedKey?: IdempotencyKey | undefined;
  /** A profile that was deleted, whose links end with the write; see `EndItem`. */
  readonly unlink?: UnlinkedProfile | undefined;
};

/** `fenced`: another replica has closed the write, and its receipt is the one that counts. */
export type Ended = 'stored' | 'fenced';
