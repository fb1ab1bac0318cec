import * as z from 'zod/mini';
import type { Conversation, HttpRequest, HttpResponse, WriteConversation } from './conversation.ts';
import type { Digests, MaybePromise } from './digests.ts';
import type { Fault, FieldError } from './fault.ts';
import type { Change, Field } from './field.ts';
import type { FieldSet } from './operations/field-set.ts';
import type { CreateOperation, ListOperation, RemoveOperation } from './operations/operations.ts';
import type { StoredProfile } from './profile.ts';
import { lazily } from './schemas/lazily.ts';
import { checkSettings, type SettingsIssue } from './schemas/settings.ts';

/** Headers that a credential was exchanged for, and their expiry as the vendor states it. */
export type Token = {
  readonly headers: Readonly<Record<string, string>>;
  /** Unix milliseconds, where the vendor names a moment. */
  readonly expiresAtMs?: number;
  /** Seconds from the answer, where the vendor names a span. */
  readonly expiresInSeconds?: number;
};

/** The way in which requests of a target authenticate. */
export type Authorization =
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly kind: 'token';
      /** The header that carries it, in lower case. */
      readonly header: string;
      readonly acquire: () => Conversation<Token>;
      /** A write may end the token, so a 401 right after one is no refusal of the credential. */
      readonly writesRevokeToken?: boolean;
    }
  | {
      readonly kind: 'signature';
      /** Names of the headers whose values differ each time. */
      readonly volatileHeaders: readonly string[];
      readonly sign: (
        request: HttpRequest,
        context: { readonly nowMs: number; readonly digests: Digests },
      ) => MaybePromise<Readonly<Record<string, string>>>;
    };

/** A named secret of a target, for redaction by value. */
export type Secret = {
  readonly name: string;
  readonly value: string;
  /** It only names a credential: hidden in texts, and yet fit to stand in a document. */
  readonly isName?: boolean;
};

/** One configured account of a vendor, ready to talk. Holds its settings; does no I/O. */
export type Connection = {
  readonly fields: readonly Field[];
  /**
   * Place at the vendor where the profiles are, such as the root of its API: two targets with the
   * same one reach the same profile by the same upstream id.
   */
  readonly account: string;
  /** Every origin its requests may go to. */
  readonly origins: readonly string[];
  readonly secrets: readonly Secret[];
  readonly authorization: Authorization;
  /** Undefined when `id` can exist at the target, else the form of its ids. */
  readonly validateId: (id: string) => string | undefined;
  readonly read: (id: string) => Conversation<StoredProfile>;
  /** Reports whether a write of `changes` must know the profile first. */
  readonly requiresRead: (changes: readonly Change[]) => boolean;
  /** Returns the changes that the current profile rules out; called before anything is sent. */
  readonly preflight?: (
    changes: readonly Change[],
    before: StoredProfile,
  ) => readonly Omit<FieldError, 'supportedBy'>[];
  /** `before` is defined whenever `requiresRead` returned true. */
  readonly write: (
    id: string,
    changes: readonly Change[],
    before: StoredProfile | undefined,
  ) => WriteConversation;
  /** Absent: the target lists no profiles. */
  readonly list?: ListOperation;
  /** Absent: the target creates none. */
  readonly create?: CreateOperation;
  /** Absent: the target deletes none. */
  readonly remove?: RemoveOperation;
  /** A write without a response may wait in the vendor's queue, so that no read can show it. */
  readonly queuesWrites?: boolean;
  /** Classifies a response that is no success. */
  readonly classifyFailure: (response: HttpResponse) => Fault;
};

export type AdapterSpec<S> = {
  /** The folder's name. */
  readonly vendor: string;
  readonly title: string;
  /** Address of the vendor's documentation of the API. */
  readonly docs: string;
  readonly settings: () => z.core.$ZodType<S>;
  /** Every field the vendor has under any configuration, one set per dialect. */
  readonly fieldSets: readonly FieldSet[];
  /** Longest time after a write without an answer in which the vendor may still apply it. */
  readonly settleMs: number;
  readonly connect: (settings: S) => Connection;
};

export type Adapter = {
  readonly vendor: string;
  readonly title: string;
  readonly docs: string;
  readonly fieldSets: readonly FieldSet[];
  readonly settleMs: number;
  /** Schema of a target's settings, for documents. */
  readonly settings: () => z.core.$ZodType;
  readonly open: (
    settings: unknown,
  ) =>
    | { readonly ok: true; readonly connection: Connection }
    | { readonly ok: false; readonly issues: readonly SettingsIssue[] };
};

/** Hides the type of a vendor's settings, so that a registry of adapters needs no cast. */
export function defineAdapter<S>(spec: AdapterSpec<S>): Adapter {
  return {
    vendor: spec.vendor,
    title: spec.title,
    docs: spec.docs,
    fieldSets: spec.fieldSets,
    settleMs: spec.settleMs,
    settings: spec.settings,
    open: (settings) => {
      const checked = checkSettings(spec.settings(), settings);
      return checked.ok ? { ok: true, connection: spec.connect(checked.value) } : checked;
    },
  };
}

/** Visible ASCII: blanks at the ends would be cut off, line breaks and other characters refused. */
const HEADER_VALUE = /^[!-~]+$/;

/** Reports whether a header can carry `text` as it is. */
export function isHeaderValue(text: string): boolean {
  return HEADER_VALUE.test(text);
}

/** Schema of a setting that is sent in a header. */
export const headerValueSchema = lazily(() =>
  z.string().check(z.regex(HEADER_VALUE, 'must be visible ASCII without blanks')),
);

/** Settings every vendor has: where it is, over TLS unless the host is loopback or allowed. */
export const baseUrlSchema = lazily(() =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .check(z.refine(isBareUrl, 'must not hold credentials, a query or a fragment')),
);

/** None would be sent, so a URL with one is a mistake that nobody would notice. */
function isBareUrl(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { password, username } = new URL(text);
  return !/[?#]/.test(text) && password === '' && username === '';
}
