import { type Links, LinksUnavailable, linkedIdsAt } from '../../routing/links.ts';
import { profileKey } from '../../routing/resolve.ts';
import { sleep } from '../../state/clock.ts';
import type { LinkTargets, UnlinkedProfile } from '../../state/control/control-rows.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Target } from '../../upstream/target.ts';

/** A profile that was deleted, with its links as they were. */
export type Unlinked = {
  readonly unlink: UnlinkedProfile;
  readonly unlinked: Readonly<Record<string, LinkTargets>>;
};

type LinkingGateway = {
  readonly links: Links | undefined;
  readonly targets: ReadonlyMap<string, Target>;
};
type LinkedProfile = { readonly target: Target; readonly upstreamId: string };
type FollowingState = Pick<StateStore, 'followLinks'>;

/** Reports whether the links of a profile can be found, and reads them where they never were. */
export async function areLinksRead(
  { links }: Pick<LinkingGateway, 'links'>,
  { followLinks }: FollowingState,
): Promise<boolean> {
  const { changes } = links ?? {};
  if (changes === undefined || changes.version() !== undefined) return true;
  await followLinks?.();
  return changes.version() !== undefined;
}

/**
 * Finds the links that lead to a profile, at every target that reaches it, as they are now;
 * undefined where none does, or links cannot be changed. `unread` where they cannot be read.
 */
export async function linksTo(
  gateway: LinkingGateway,
  profile: LinkedProfile,
  state: FollowingState,
): Promise<Unlinked | undefined | 'unread'> {
  const { changes } = gateway.links ?? {};
  if (changes === undefined) return undefined;
  // Another replica may have made one since they were last read here.
  await state.followLinks?.();
  if (changes.version() === undefined) return 'unread';
  try {
    return await linksOfProfile(gateway, profile);
  } catch (error) {
    if (error instanceof LinksUnavailable) return 'unread';
    throw error;
  }
}

async function linksOfProfile(
  { links, targets }: LinkingGateway,
  { target, upstreamId }: LinkedProfile,
): Promise<Unlinked | undefined> {
  const { changes } = links ?? {};
  if (links?.idsAt === undefined || changes === undefined) return undefined;
  const key = profileKey({ target, upstreamId });
  const names = [...targets.values()]
    .filter((other) => profileKey({ target: other, upstreamId }) === key)
    .map(({ name }) => name);
  const unlinked = new Map<string, LinkTargets>();
  const found: UnlinkedProfile['links'][number][] = [];
  for (const name of names) {
    for (const id of await linkedIdsAt(links, name, upstreamId, sleep)) {
      if (unlinked.has(id)) continue;
      unlinked.set(id, Object.fromEntries((await links.find(id)) ?? []));
      found.push({ id, below: Object.fromEntries((await changes.below?.find(id)) ?? []) });
    }
  }
  if (found.length === 0) return undefined;
  const unlink = { targets: names, upstreamId, links: found };
  return { unlink, unlinked: Object.fromEntries(unlinked) };
}
