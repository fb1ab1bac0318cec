import type { JsonObject } from './json.ts';

export const STATUSES = ['active', 'inactive', 'on_leave', 'terminated'] as const;
export type Status = (typeof STATUSES)[number];

/** The part of a profile that a vendor showed, in canonical terms. */
export type StoredProfile = {
  readonly upstreamId: string;
  /** `name`, `description`, `status`, `attributes`, `extensions`, `createdAt`, `updatedAt`. */
  readonly content: JsonObject;
  /**
   * The vendor's own object, for a vendor whose writes must send all of it back, undeclared
   * members too. Only the adapter that read it looks inside; callers never see it.
   */
  readonly wire?: JsonObject;
};

/** Names every profile has that no patch can write: the gateway's own, then the vendor's. */
export const READ_ONLY_NAMES = ['id', 'target', 'vendor', 'upstreamId', 'createdAt', 'updatedAt'];
