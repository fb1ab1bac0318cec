import {
  type Digests,
  type JsonDraft,
  type JsonObject,
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
  const { content } = stored;
  const profile: JsonDraft = { id, target: name, vendor, upstreamId: stored.upstreamId };
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
export async function tagged(
  id: string,
  target: Pick<Target, 'name' | 'vendor'>,
  stored: StoredProfile,
  digests: Digests,
): Promise<Tagged> {
  const {
    id: ownId,
    target: name,
    ...rest
  } = representation(id, stored.upstreamId, target, stored);
  const text = JSON.stringify(rest);
  const digest = await digests.sha256Hex(text);
  const named = JSON.stringify({ id: ownId, target: name });
  return { profile: `${named.slice(0, -1)},${text.slice(1)}`, etag: `"${digest.slice(0, 32)}"` };
}
