import type { Link } from '../../../routing/links.ts';
import type { LinkRow, LinkTargets } from '../../../state/control/control-rows.ts';
import type { StateOperations } from '../state-operations.ts';

/** Places of links: the file of the configuration, and the state that replicas share. */
export const LINK_SOURCES = ['file', 'api'] as const;

/** A link as operators see it. */
export type LinkView = {
  readonly id: string;
  readonly targets: LinkTargets;
  readonly source: (typeof LINK_SOURCES)[number];
  /** Version of the links since which it is so; absent for links of a file. */
  readonly version?: number;
};

/** A version of the links. */
export type LinksVersionView = {
  readonly version: number;
  /** True once no live replica reads by an older version, or still writes by one. */
  readonly inForceEverywhere: boolean;
};

/** Returns a link of the state as operators see it; undefined for one that was removed. */
export function storedLinkView({ id, targets, version }: LinkRow): LinkView | undefined {
  return targets === undefined ? undefined : { id, targets, source: 'api', version };
}

/** Returns a link of the file as operators see it. */
export function fileLinkView(id: string, link: Link): LinkView {
  return { id, targets: Object.fromEntries(link), source: 'file' };
}

/** Reports how far a version has come; of this replica what it knows itself. */
export async function versionView(
  { replicas, view }: Pick<StateOperations, 'replicas' | 'view'>,
  version: number,
): Promise<LinksVersionView> {
  const live = await replicas();
  const { linksVersion, replica: own } = view();
  const inForceEverywhere = live.every(
    (one) => (one.replica === own ? linksVersion : one.linksVersion) >= version,
  );
  return { version, inForceEverywhere };
}
