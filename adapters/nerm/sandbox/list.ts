import type { StoredProfile } from './store.ts';

/** A page of `GET /profiles`, or the text of its 400. */
export type Listed =
  | { readonly profiles: readonly StoredProfile[]; readonly isByAfterId: boolean }
  | { readonly refusal: string };

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 500;
/** With `after_id` the others are ignored or refused [L1]: the strict reading refuses them. [I] */
const BESIDE_AFTER_ID = ['after_id', 'profile_type_id', 'limit', 'metadata', 'updated_after'];

/**
 * `GET /profiles`: pages of records from `offset`, without archived profiles, or by `after_id` in
 * the order of ids, archived ones included. [N1, L1] Where nothing is listed, a 400. [N13, N18]
 */
export function listProfiles(query: URLSearchParams, sorted: readonly StoredProfile[]): Listed {
  const limit = Number(query.get('limit') ?? LIMIT_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return { refusal: 'limit' };
  const afterId = query.get('after_id');
  const isByAfterId = afterId !== null;
  const wrong = [...query.keys()].find((key) => isByAfterId && !BESIDE_AFTER_ID.includes(key));
  if (wrong !== undefined) return { refusal: `${wrong} cannot be used with after_id` };
  // The specification has 1 as its least. [N1]
  const offset = Number(query.get('offset') ?? 0);
  if (query.has('offset') && !(offset >= 1)) return { refusal: 'offset must be 1 or more' };
  const found = isByAfterId
    ? pageAfter(afterId, sorted, query, limit)
    : sorted
        .filter((profile) => !profile.archived && matches(profile, query))
        .toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1))
        .slice(offset, offset + limit);
  return found.length === 0 ? { refusal: 'no profiles found' } : { profiles: found, isByAfterId };
}

/** At most `limit` profiles behind an id, which need not exist: found by halves. */
function pageAfter(
  afterId: string,
  sorted: readonly StoredProfile[],
  query: URLSearchParams,
  limit: number,
): readonly StoredProfile[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.id ?? '') > afterId) high = middle;
    else low = middle + 1;
  }
  const found: StoredProfile[] = [];
  for (let at = low; at < sorted.length && found.length < limit; at += 1) {
    const profile = sorted[at];
    if (profile !== undefined && matches(profile, query)) found.push(profile);
  }
  return found;
}

/** A name matches where it is a part of another, whatever the case: "basic match". [I] */
function matches(profile: StoredProfile, query: URLSearchParams): boolean {
  const [name, type, status] = ['name', 'profile_type_id', 'status'].map((key) => query.get(key));
  const after = query.get('updated_after');
  return (
    (name == null || profile.name.toLowerCase().includes(name.toLowerCase())) &&
    (type == null || profile.profile_type_id === type) &&
    (status == null || profile.status === status) &&
    (after === null || profile.updated_at.slice(0, 10) > after)
  );
}
