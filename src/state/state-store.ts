import type { LockScope } from './profile-lock.ts';

/**
 * Begins and ends writes: of all those to one profile that a store serves, one runs at a time, and
 * none while an earlier one may still be applied.
 */
export type StateStore = {
  /** Reach of that rule. */
  readonly lockScope: LockScope;
  /** Begins a write. A promise only where it has to wait; it never rejects. */
  readonly begin: (request: BeginRequest) => Begun | Promise<Begun>;
  /** Ends a write that `begin` began, however it ended. */
  readonly end: (lease: Lease) => void;
  /** Marks the profile in doubt for `lengthMs` from now; never ends an earlier mark sooner. */
  readonly markInDoubt: (lease: Lease, lengthMs: number) => void;
  /** Removes the mark: nothing that was sent can still be applied. */
  readonly clearInDoubt: (lease: Lease) => void;
  /** Milliseconds until a profile is settled, 0 where it is. */
  readonly inDoubtMs: (profile: ProfileKeys) => number;
};

export type ProfileKeys = {
  /** The profile, wherever it is written from: see `profileKey`. */
  readonly key: string;
  /** Its key in the configuration before, under which it may still be in doubt. */
  readonly formerKey?: string | undefined;
};

export type BeginRequest = ProfileKeys & {
  /** Longest wait for writes before this one. */
  readonly waitMsMax: number;
};

/** The right to write one profile, from `begin` to `end`. */
export type Lease = { readonly kind: 'begun'; readonly key: string };

export type Begun =
  | Lease
  /** Too many wait for the profile, or its turn has not come in time. */
  | { readonly kind: 'busy' }
  /** An earlier write may still be applied for `leftMs`. */
  | { readonly kind: 'in_doubt'; readonly leftMs: number };
