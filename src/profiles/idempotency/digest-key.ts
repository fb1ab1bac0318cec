import type { Digests } from '../../adapter-kit/index.ts';
import type { IdempotencyKey } from '../../state/state-database.ts';
import type { ProfilePatch } from '../../writes/patch-schema.ts';
import { canonicalText } from '../../writes/value-hash.ts';
import type { Conditions, EntityTags } from '../conditions.ts';
import type { Preferences } from '../patch-request.ts';

export type KeyedParts = {
  /** The key as the caller gave it. */
  readonly secret: string;
  /** Empty where everybody may call. */
  readonly caller: string;
  /** By default `PATCH`. */
  readonly method?: 'POST';
  readonly id: string;
  readonly patch: Pick<ProfilePatch, 'document'>;
  readonly preferences: Pick<Preferences, 'handling' | 'atomic' | 'minimal'>;
  readonly conditions: Conditions;
};

/**
 * Digests a key together with caller and id, and what the request asks for, whatever the order of
 * its members and the form of its numbers. The key is a part of both: who does not know it cannot
 * try the few values that a patch may have.
 */
export async function digestKey(
  { sha256Hex }: Digests,
  { caller, conditions, id, method, patch, preferences, secret }: KeyedParts,
): Promise<IdempotencyKey> {
  const { atomic, handling, minimal } = preferences;
  const asked = [
    secret,
    method ?? 'PATCH',
    id,
    canonicalText(patch.document),
    handling,
    atomic,
    minimal,
    tagsText(conditions.ifMatch),
    tagsText(conditions.ifNoneMatch),
  ];
  const keyHash = await hashIdempotencyKey({ sha256Hex }, { caller, id, secret });
  return { caller, id, keyHash, fingerprint: await sha256Hex(JSON.stringify(asked)) };
}

/** Hashes a key together with caller and id. */
export async function hashIdempotencyKey(
  { sha256Hex }: Pick<Digests, 'sha256Hex'>,
  { caller, id, secret }: Pick<KeyedParts, 'caller' | 'id' | 'secret'>,
): Promise<string> {
  return sha256Hex(JSON.stringify([caller, id, secret]));
}

/** Returns the tags of a condition, whatever their order was. */
function tagsText(tags: EntityTags | undefined): EntityTags | null {
  if (tags === undefined || tags === '*') return tags ?? null;
  return [...new Set(tags)].sort();
}
