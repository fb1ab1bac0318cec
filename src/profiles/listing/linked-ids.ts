import type { StoredProfile } from '../../adapter-kit/index.ts';
import type { Links } from '../../routing/links.ts';
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
    let ids = links.idsAt(target, upstreamId);
    // The first list of a process reads all links; others are served meanwhile.
    for (; ids === 'indexing'; ids = links.idsAt(target, upstreamId)) await sleep(0);
    const [id] = ids;
    if (id !== undefined && ids.length === 1) found.set(upstreamId, id);
  }
  return found;
}
