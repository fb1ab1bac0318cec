import type { Conversation, HttpRequest, HttpResponse } from '../conversation.ts';
import type { FieldError, Result } from '../fault.ts';
import type { Change, Limit } from '../field.ts';
import type { Json, JsonObject } from '../json.ts';
import type { StoredProfile } from '../profile.ts';

/** Operations that a target may have beside reading and writing a profile. */
export const PROFILE_OPERATIONS = ['list', 'create', 'delete'] as const;
export type ProfileOperation = (typeof PROFILE_OPERATIONS)[number];

/** Declarations of the operations of one vendor under one configuration; absent: it has none. */
export type OperationDeclarations = {
  readonly list?: ListDeclaration;
  readonly create?: CreateDeclaration;
  readonly delete?: RemoveDeclaration;
};

/** A condition of a list, with one value. */
export type ListFilter = {
  /** Name in a query: `name`, `status`, or `extensions.<vendor>.<the vendor's own name>`. */
  readonly name: string;
  /**
   * Pointer of the field that each item is compared with again, exactly; absent: the adapter
   * compares by what a canonical profile does not show.
   */
  readonly pointer?: string;
  /** Every value there is, where they are few words. */
  readonly values?: readonly string[];
  readonly limits?: readonly Limit[];
  /** Trust in a walk with this filter, where it is another than without. */
  readonly completeness?: Completeness;
};

/**
 * Trust in a walk over all pages while others create and delete profiles:
 * - `stable`: a profile that is there all the time is listed exactly once.
 * - `shifting`: pages have numbers, so such a profile may be listed twice, or not at all.
 */
export type Completeness = 'stable' | 'shifting';

export type ListDeclaration = {
  readonly filters: readonly ListFilter[];
  /** Most items that can be requested of one page. */
  readonly pageSizeMax: number;
  /** The target may answer with more items than requested, since it has no pages. */
  readonly ignoresLimit?: boolean;
  readonly completeness: Completeness;
  /** Pointers of the fields that an item lacks beside a read of the profile. */
  readonly omitted: readonly string[];
};

/** One page to be read. */
export type ListRequest = {
  /** At most `pageSizeMax`; of all pages of a walk the same. */
  readonly limit: number;
  /** Value of each filter, by its name. */
  readonly filters: ReadonlyMap<string, string>;
  /** The `next` of the page before; undefined: the first page. */
  readonly position: Json | undefined;
};

export type ListPage = {
  /** May be fewer than requested, or none, although pages follow. */
  readonly items: readonly StoredProfile[];
  /** The vendor's own state, from which the next page is read; absent: this is the last one. */
  readonly next?: Json;
  /** The target has left out profiles that no page shows. */
  readonly isTruncated?: true;
};

export type ListOperation = ListDeclaration & {
  /** Reads one page. */
  readonly page: (request: ListRequest) => Conversation<ListPage>;
};

/**
 * Effect of a create that is sent twice:
 * - `twin`: a second profile.
 * - `conflict`: the vendor rejects the second, since names are unique.
 */
export type CreateRepeat = 'twin' | 'conflict';

/**
 * Meaning of a search that finds no profile once an unanswered create is settled:
 * - `not_created`: there is none, and will be none.
 * - `unknown`: the search may not show it, or not yet.
 */
export type CreateAbsence = 'not_created' | 'unknown';

export type CreateDeclaration = {
  readonly repeat: CreateRepeat;
  /** Longest time after a create without an answer in which the profile may still appear. */
  readonly settleMs: number;
  readonly absence: CreateAbsence;
};

/**
 * The one request that creates a profile; returns the profile, or `undefined` where the vendor
 * reports success without showing it.
 */
export type CreateConversation = Generator<
  HttpRequest,
  Result<StoredProfile | undefined>,
  HttpResponse
>;

export type CreateOperation = CreateDeclaration & {
  /** Returns what the vendor would not take; called before anything is sent. */
  readonly check?: (changes: readonly Change[]) => readonly Omit<FieldError, 'supportedBy'>[];
  readonly send: (changes: readonly Change[]) => CreateConversation;
  /** The response lacks members that a read shows, so that one follows. */
  readonly isReadAfter?: boolean;
  /**
   * Returns what a search for the profile goes by, such as its name; undefined where none could
   * find it. Of creates with the same `name` in it, or without one the same trace, one runs at a
   * time.
   */
  readonly traceOf: (changes: readonly Change[]) => JsonObject | undefined;
  /** Finds every profile that has a trace exactly. */
  readonly find: (trace: JsonObject) => Conversation<readonly StoredProfile[]>;
};

/**
 * Meaning of a read that finds no profile after a delete:
 * - `deleted`: it is gone.
 * - `deleted_or_hidden`: it is gone, or the vendor keeps it where reads do not show it.
 */
export type Absence = 'deleted' | 'deleted_or_hidden';

export type RemoveDeclaration = {
  readonly absence: Absence;
};

/** The delete of one profile: yields its request, is resumed with the response. */
export type RemoveConversation = Generator<HttpRequest, Result<undefined>, HttpResponse>;

export type RemoveOperation = RemoveDeclaration & {
  /** Deletes the profile that a read under the same lease has shown as `before`. */
  readonly send: (id: string, before: StoredProfile) => RemoveConversation;
  /** Returns a sentence that says why the target does not delete it; nothing is sent then. */
  readonly preflight?: (before: StoredProfile) => string | undefined;
};
