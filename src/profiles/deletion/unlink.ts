import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import { LINKS_OF_PROFILE_MAX } from '../../limits.ts';
import { type Links, LinksUnavailable, linkedIdsAt } from '../../routing/links.ts';
import { linksUnread, profileKey } from '../../routing/resolve.ts';
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

/**
 * Returns why the links of a profile could not be ended with it, before it is deleted; reads the
 * links where they never were.
 */
export async function refuseUnlink(
  gateway: LinkingGateway,
  profile: LinkedProfile,
  { followLinks }: FollowingState,
): Promise<Fault | undefined> {
  const { links } = gateway;
  const { changes } = links ?? {};
  if (links === undefined || changes === undefined) return undefined;
  if (changes.version() === undefined) await followLinks?.();
  if (changes.version() === undefined) return linksUnread();
  for (const name of targetsReaching(gateway, profile)) {
    const ids = await linkedIdsAt(links, name, profile.upstreamId, sleep);
    if (ids.length > LINKS_OF_PROFILE_MAX) return ownFault('link_exists', TOO_MANY_LINKS);
  }
  return undefined;
}

const TOO_MANY_LINKS =
  `More than ${LINKS_OF_PROFILE_MAX} links lead to the profile: remove some of them first. ` +
  'Nothing was sent.';

/** Returns the names of all targets that reach a profile, by the same upstream id. */
function targetsReaching(
  { targets }: LinkingGateway,
  { target, upstreamId }: LinkedProfile,
): readonly string[] {
  const key = profileKey({ target, upstreamId });
  return [...targets.values()]
    .filter((other) => profileKey({ target: other, upstreamId }) === key)
    .map(({ name }) => name);
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
  gateway: LinkingGateway,
  profile: LinkedProfile,
): Promise<Unlinked | undefined> {
  const { links } = gateway;
  const { upstreamId } = profile;
  const { changes } = links ?? {};
  if (links?.idsAt === undefined || changes === undefined) return undefined;
  const names = targetsReaching(gateway, profile);
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
