import {
  type Digests,
  type JsonDraft,
  type JsonObject,
  type MaybePromise,
  type StoredProfile,
  sorted,
} from '../adapter-kit/index.ts';
import type { Target } from '../upstream/target.ts';

/**
 * The profile as the caller gets it, its members always in one order, so that equal profiles have
 * one text; without `stored`, only what names it.
 */
export function representation(
  id: string,
  upstreamId: string,
  target: Pick<Target, 'name' | 'vendor'>,
  stored: StoredProfile | undefined,
): JsonObject {
  const { name, vendor } = target;
  if (stored === undefined) return { id, target: name, vendor, upstreamId };
  return { id, target: name, ...atVendor(vendor, stored) };
}

/** The part of a `representation` that is the same for every caller, id and target. */
function atVendor(vendor: string, { content, upstreamId }: StoredProfile): JsonObject {
  const profile: JsonDraft = { vendor, upstreamId };
  // One by one, since a loop over their names takes 0.1 µs longer.
  if (content.name !== undefined) profile.name = content.name;
  if (content.description !== undefined) profile.description = content.description;
  if (content.status !== undefined) profile.status = content.status;
  if (content.attributes !== undefined) profile.attributes = sorted(content.attributes);
  if (content.extensions !== undefined) profile.extensions = sorted(content.extensions);
  if (content.createdAt !== undefined) profile.createdAt = content.createdAt;
  if (content.updatedAt !== undefined) profile.updatedAt = content.updatedAt;
  return profile;
}

/** The text of a `representation`, and the strong entity tag of the profile. */
export type Tagged = { readonly profile: string; readonly etag: string };

/**
 * Returns the text of a `representation` with its entity tag: a hash of vendor, upstream id and
 * content, which stays the same when another target of the account serves the profile.
 */
export function tagged(
  id: string,
  target: Pick<Target, 'name' | 'vendor'>,
  stored: StoredProfile,
  digests: Digests,
): MaybePromise<Tagged> {
  const text = JSON.stringify(atVendor(target.vendor, stored));
  const named = JSON.stringify({ id, target: target.name });
  const profile = `${named.slice(0, -1)},${text.slice(1)}`;
  const withTag = (digest: string): Tagged => ({ profile, etag: `"${digest.slice(0, 32)}"` });
  const digesting = digests.sha256Hex(text);
  return digesting instanceof Promise ? digesting.then(withTag) : withTag(digesting);
}
