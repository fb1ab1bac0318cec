import type { StoredProfile } from '../../adapter-kit/index.ts';
import { type Links, linkedIdsAt } from '../../routing/links.ts';
import { sleep } from '../../state/clock.ts';

/**
 * Returns the ids of profiles that are linked at a target, by their upstream ids; a profile to
 * which no link leads, or more than one, has none. Links that are looked up one by one have none.
 */
export async function linkedIds(
  links: Links | undefined,
  target: string,
  profiles: readonly Pick<StoredProfile, 'upstreamId'>[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (links?.idsAt === undefined) return found;
  for (const { upstreamId } of profiles) {
    const [id, ...others] = await linkedIdsAt(links, target, upstreamId, sleep);
    if (id !== undefined && others.length === 0) found.set(upstreamId, id);
  }
  return found;
}
