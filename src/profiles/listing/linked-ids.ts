import type { StoredProfile } from '../../adapter-kit/index.ts';
import { linkedIdsAt } from '../../routing/links.ts';
import { resolvesTo } from '../../routing/resolve.ts';
import type { RouteRequest, RoutingTable } from '../../routing/router.ts';
import { sleep } from '../../state/clock.ts';
import type { Target } from '../../upstream/target.ts';

/**
 * Returns the ids of profiles that are linked at a target, by their upstream ids; a profile to
 * which no link leads, or more than one, has none, nor has one whose id the rules send elsewhere:
 * what is done by the id must be done to the profile. Links that are looked up one by one have
 * none. `requestFor` is the request of the caller for an id.
 */
export async function linkedIds(
  table: RoutingTable,
  requestFor: (id: string) => RouteRequest,
  target: Pick<Target, 'name'>,
  profiles: readonly Pick<StoredProfile, 'upstreamId'>[],
): Promise<ReadonlyMap<string, string>> {
  const { links } = table;
  const found = new Map<string, string>();
  if (links?.idsAt === undefined) return found;
  for (const { upstreamId } of profiles) {
    const [id, ...others] = await linkedIdsAt(links, target.name, upstreamId, sleep);
    if (id === undefined || others.length > 0) continue;
    if (await resolvesTo(requestFor(id), table, { target, upstreamId })) found.set(upstreamId, id);
  }
  return found;
}
