import {
  type Digests,
  type Json,
  type JsonDraft,
  type JsonObject,
  type MaybePromise,
  type StoredProfile,
  sorted,
} from '../contract/index.ts';
import type { Target } from './target.ts';

/**
 * The profile as the caller gets it, its members always in one order; without `stored`, only what
 * names it.
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
  if (content.attributes !== undefined) profile.attributes = content.attributes;
  if (content.extensions !== undefined) profile.extensions = content.extensions;
  if (content.createdAt !== undefined) profile.createdAt = content.createdAt;
  if (content.updatedAt !== undefined) profile.updatedAt = content.updatedAt;
  return profile;
}

/**
 * A strong entity tag of what `representation` gave: equal profiles have the same one, whatever
 * the order of keys below their members. A promise only if `digests` give one.
 */
export function entityTag(profile: JsonObject, digests: Digests): MaybePromise<string> {
  const { attributes, extensions } = profile;
  const ordered = {
    ...profile,
    attributes: sortedIfAny(attributes),
    extensions: sortedIfAny(extensions),
  };
  const digest = digests.sha256Hex(JSON.stringify(ordered));
  return digest instanceof Promise ? digest.then(tagOf) : tagOf(digest);
}

function sortedIfAny(value: Json | undefined): Json | undefined {
  return value === undefined ? undefined : sorted(value);
}

function tagOf(digest: string): string {
  return `"${digest.slice(0, 32)}"`;
}

/** Whether `If-Match` or `If-None-Match` names `tag`; weak tags never match strongly. */
export function namesTag(header: string, tag: string, weakly: boolean): boolean {
  return header.split(',').some((part) => {
    const candidate = part.trim();
    return candidate === '*' || candidate === tag || (weakly && candidate === `W/${tag}`);
  });
}
