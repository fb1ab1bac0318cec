import type { JsonObject } from './json.ts';

export const STATUSES = ['active', 'inactive', 'on_leave', 'terminated'] as const;
export type Status = (typeof STATUSES)[number];

/** What a vendor showed of a profile, in canonical terms; what it did not show is absent. */
export type StoredProfile = {
  readonly upstreamId: string;
  /** `name`, `description`, `status`, `attributes`, `extensions`, `createdAt`, `updatedAt`. */
  readonly content: JsonObject;
};

/** Names every profile has that no patch can write: the gateway's own, then the vendor's. */
export const READ_ONLY_NAMES = ['id', 'target', 'vendor', 'upstreamId', 'createdAt', 'updatedAt'];
