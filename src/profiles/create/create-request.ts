import type { Caller } from '../../auth/caller.ts';
import type { Target } from '../../upstream/target.ts';
import type { PatchEntry } from '../../writes/patch-schema.ts';
import type { KeyedRequest, Preferences } from '../patch-request.ts';

/** A profile that is to be created. */
export type CreateRequest = {
  readonly target: Target;
  /** The id that the profile is linked to; undefined: it is called `target:upstreamId`. */
  readonly id: string | undefined;
  /** Members of the profile, without the target and the id. */
  readonly entries: readonly PatchEntry[];
  readonly preferences: Pick<Preferences, 'handling'>;
  /** Undefined: everybody may call. */
  readonly caller: Caller | undefined;
  readonly requestId: string;
  /** Version of the configuration. */
  readonly version: string;
  /** When the caller must have an answer, by the monotonic clock. */
  readonly endMs: number;
  /** Undefined: a repeat of the request is another request. */
  readonly idempotency?: KeyedRequest | undefined;
};

/** Returns what stands for the id of a profile in the key of a create: no id is so written. */
export function createScope(target: string): string {
  return `${target}:`;
}
