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

/** A strong entity tag of the text of a `representation`. A promise only if `digests` give one. */
export function entityTag(text: string, digests: Digests): MaybePromise<string> {
  const digest = digests.sha256Hex(text);
  return digest instanceof Promise ? digest.then(tagOf) : tagOf(digest);
}

function tagOf(digest: string): string {
  return `"${digest.slice(0, 32)}"`;
}

/** Reports whether `If-Match` or `If-None-Match` names `tag`; weak tags never match strongly. */
export function namesTag(header: string, tag: string, weakly: boolean): boolean {
  return header.split(',').some((part) => {
    const candidate = part.trim();
    return candidate === '*' || candidate === tag || (weakly && candidate === `W/${tag}`);
  });
}
