import type { Caller } from '../auth/caller.ts';
import type { Resolved } from '../routing/resolve.ts';
import type { IdempotencyKey } from '../state/state-database.ts';
import type { Target } from '../upstream/target.ts';
import type { ProfilePatch } from '../writes/patch-schema.ts';
import type { Handling } from '../writes/plan.ts';
import type { Sealer } from '../writes/sealed-answer.ts';
import type { Conditions } from './conditions.ts';
import type { PatchAnswer, RenderedAnswer } from './patch-answer.ts';

/** The targets of a configuration, by name. */
export type Gateway = { readonly targets: ReadonlyMap<string, Target> };

export type PatchRequest = {
  /** As the caller wrote it. */
  readonly id: string;
  readonly resolved: Resolved;
  readonly patch: ProfilePatch;
  readonly preferences: Preferences;
  /** Undefined: everybody may call. */
  readonly caller: Caller | undefined;
  readonly conditions: Conditions;
  readonly requestId: string;
  /** Version of the configuration. */
  readonly version: string;
  /** When the caller must have an answer, by the monotonic clock. */
  readonly endMs: number;
  /** Undefined: a repeat of the request is another request. */
  readonly idempotency?: KeyedRequest | undefined;
};

/** The idempotency key of a request, and the means to answer repeats of it. */
export type KeyedRequest = {
  readonly key: IdempotencyKey;
  readonly sealer: Sealer;
  /** Returns the response to an answer of `target`; `isShort`: without the profile. */
  readonly render: (answer: PatchAnswer, target: string, isShort: boolean) => RenderedAnswer;
};

/** Preferences of a caller in `Prefer` (RFC 7240); preferences not known here are ignored. */
export type Preferences = {
  readonly handling: Handling;
  readonly atomic: boolean;
  readonly minimal: boolean;
  /** The value of `Preference-Applied`, empty when nothing was asked for. */
  readonly applied: string;
};
