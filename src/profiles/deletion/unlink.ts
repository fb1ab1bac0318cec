import type { Links } from '../../routing/links.ts';
import { profileKey } from '../../routing/resolve.ts';
import { sleep } from '../../state/clock.ts';
import type { LinkTargets, UnlinkedProfile } from '../../state/control/control-rows.ts';
import type { Target } from '../../upstream/target.ts';

/** A profile that was deleted, with its links as they were. */
export type Unlinked = {
  readonly unlink: UnlinkedProfile;
  readonly unlinked: Readonly<Record<string, LinkTargets>>;
};

/**
 * Finds the links that lead to a profile, at every target that reaches it; undefined where none
 * does, or links cannot be changed.
 */
export async function linksTo(
  { links, targets }: { readonly links: Links | undefined; readonly targets: TargetsByName },
  { target, upstreamId }: { readonly target: Target; readonly upstreamId: string },
): Promise<Unlinked | undefined> {
  const { changes } = links ?? {};
  const areRead = changes?.version() !== undefined;
  if (links?.idsAt === undefined || changes === undefined || !areRead) return undefined;
  const key = profileKey({ target, upstreamId });
  const names = [...targets.values()]
    .filter((other) => profileKey({ target: other, upstreamId }) === key)
    .map(({ name }) => name);
  const unlinked = new Map<string, LinkTargets>();
  const found: UnlinkedProfile['links'][number][] = [];
  for (const name of names) {
    for (const id of await idsAt(links.idsAt, name, upstreamId)) {
      if (unlinked.has(id)) continue;
      unlinked.set(id, Object.fromEntries((await links.find(id)) ?? []));
      found.push({ id, below: Object.fromEntries((await changes.below?.find(id)) ?? []) });
    }
  }
  if (found.length === 0) return undefined;
  const unlink = { targets: names, upstreamId, links: found };
  return { unlink, unlinked: Object.fromEntries(unlinked) };
}

type TargetsByName = ReadonlyMap<string, Target>;

async function idsAt(
  look: NonNullable<Links['idsAt']>,
  target: string,
  upstreamId: string,
): Promise<readonly string[]> {
  for (;;) {
    const ids = look(target, upstreamId);
    if (ids !== 'indexing') return ids;
    // The first look reads all links; others are served meanwhile.
    await sleep(0);
  }
}
