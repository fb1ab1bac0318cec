import type { FollowedLink, UnlinkedProfile } from './control/control-rows.ts';
import type { ReceiptRow } from './control/receipt-row.ts';

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
  | {
      readonly kind: 'held';
      readonly keyHash: string | undefined;
      readonly heldBy?: string | undefined;
    }
  /** An earlier write may still be applied; `heldBy`: its end is still being found out. */
  | { readonly kind: 'in_doubt'; readonly leftMs: number; readonly heldBy?: string | undefined }
  /** The link that the write follows was changed. */
  | { readonly kind: 'stale' }
);

/** A lease that is held. */
export type LeaseName = { readonly key: string; readonly fence: number; readonly writeId: string };

export type AmendItem = LeaseName & { readonly intent: string };

export type AnnounceItem = AmendItem & { readonly idempotency: IdempotencyKey };

/** `fenced`: the lease is not held any more; `key_used`: another write has the key. */
export type AnnounceResult = 'announced' | 'fenced' | 'key_used';

export type EndItem = LeaseName & {
  /** For so long from now the write may still be applied; 0: not at all. */
  readonly doubtMs: number;
  /** Undefined: the lease is given back, nothing was done under it. */
  readonly receipt?: ReceiptRow | undefined;
  readonly answer?: AnswerRow | undefined;
  /** The key that `announce` took for the write; without an answer it is free again. */
  readonly announcedKey?: IdempotencyKey | undefined;
  /** Takes the targets of a profile that was deleted out of its links. */
  readonly unlink?: UnlinkedProfile | undefined;
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
  /** The same write, its fence and its age; only with an intent. */
  readonly writeId?: string | undefined;
  readonly fence?: number | undefined;
  readonly ageMs?: number | undefined;
};
