import {
  type Digests,
  type Json,
  type JsonObject,
  own,
  type StoredProfile,
  stableText,
} from '../contract/index.ts';
import type { Target } from './target.ts';

/** Members of a profile in the order they are written. */
const MEMBERS = [
  'name',
  'description',
  'status',
  'attributes',
  'extensions',
  'createdAt',
  'updatedAt',
];

/** The profile as the caller gets it; without `stored`, only what names it. */
export function representation(
  id: string,
  upstreamId: string,
  target: Target,
  stored: StoredProfile | undefined,
): JsonObject {
  const members: [string, Json][] = [
    ['id', id],
    ['target', target.name],
    ['vendor', target.vendor],
    ['upstreamId', stored?.upstreamId ?? upstreamId],
  ];
  for (const name of MEMBERS) {
    const value = stored === undefined ? undefined : own(stored.content, name);
    if (value !== undefined) members.push([name, value]);
  }
  return Object.fromEntries(members);
}

/** A strong entity tag: the hash of the representation with its keys sorted. */
export async function entityTag(profile: JsonObject, digests: Digests): Promise<string> {
  const digest = digests.sha256Hex(stableText(profile));
  return `"${(digest instanceof Promise ? await digest : digest).slice(0, 32)}"`;
}

/** Whether `If-Match` or `If-None-Match` names `tag`; weak tags never match strongly. */
export function namesTag(header: string, tag: string, weakly: boolean): boolean {
  return header.split(',').some((part) => {
    const candidate = part.trim();
    return candidate === '*' || candidate === tag || (weakly && candidate === `W/${tag}`);
  });
}
