import { LINK_TABLE_WASTE_MIN } from '../limits.ts';
import { createLinkTable, type LinkedTarget, type LinkTable } from './link-table.ts';
import { type Links, LinksUnavailable } from './links.ts';

/** A link that the API has set; without targets, one that it has removed. */
export type ChangedLink = {
  readonly id: string;
  readonly targets?: Readonly<Record<string, string>> | undefined;
};

/** The links that the API has changed, in memory, above those of a configuration. */
export type LinkOverlay = {
  readonly put: (links: readonly ChangedLink[]) => void;
  readonly clear: () => void;
  /** Notes that every change up to that version is there. */
  readonly reached: (version: number) => void;
  /**
   * Returns the links of a configuration with the changes above them. Until all were read once,
   * nothing can be looked up: a link that was replaced must not be followed.
   */
  readonly over: (below: Links | undefined) => Links;
  /** Size in memory, in bytes. */
  readonly byteLength: () => number;
};

export function createLinkOverlay(): LinkOverlay {
  const names: string[] = [];
  const positions = new Map<string, number>();
  let table = createLinkTable(names);
  let puts = 0;
  let version: number | undefined;

  const positionOf = (name: string): number => {
    const known = positions.get(name);
    if (known !== undefined) return known;
    positions.set(name, names.length);
    return names.push(name) - 1;
  };
  const linkedTarget = ([name, upstreamId]: [string, string]): LinkedTarget => ({
    position: positionOf(name),
    upstreamId,
  });

  return {
    put: (links) => {
      for (const { id, targets = {} } of links) {
        table.put(id, Object.entries(targets).map(linkedTarget));
      }
      puts += links.length;
      if (puts - table.size() < Math.max(LINK_TABLE_WASTE_MIN, table.size())) return;
      table = compacted(table, names, positions);
      puts = table.size();
    },
    clear: () => {
      table = createLinkTable(names);
      puts = 0;
      version = undefined;
    },
    reached: (to) => {
      version = to;
    },
    over: (below) => ({
      find: (id) => {
        if (version === undefined) return Promise.reject(new LinksUnavailable());
        const link = table.find(id);
        if (link === undefined) return below?.find(id);
        return link.size === 0 ? undefined : link;
      },
      idsAt: (target, upstreamId, isCounted = () => true) => {
        const changed = table.idsAt(target, upstreamId, isCounted);
        const isUnchanged = (id: string): boolean => isCounted(id) && table.find(id) === undefined;
        const configured = below?.idsAt?.(target, upstreamId, isUnchanged) ?? [];
        if (changed === 'indexing' || configured === 'indexing') return 'indexing';
        return [...changed, ...configured];
      },
      ...(below?.digest === undefined ? {} : { digest: below.digest }),
      changes: { version: () => version, has: (id) => table.find(id) !== undefined, below },
    }),
    byteLength: () => table.byteLength(),
  };
}

/** Copies a table without the room that was lost in it. */
function compacted(
  table: LinkTable,
  names: readonly string[],
  positions: ReadonlyMap<string, number>,
): LinkTable {
  const copy = createLinkTable(names);
  for (const { id, link } of table.list(0, Number.POSITIVE_INFINITY).links) {
    const targets = [...link].map(([name, upstreamId]) => ({
      position: positions.get(name) ?? 0,
      upstreamId,
    }));
    copy.add(id, targets);
  }
  return copy;
}

/** Returns a function that puts what the API has changed above the links of a configuration. */
export function withChangedLinks<T extends { readonly links: Links | undefined }>({
  over,
}: Pick<LinkOverlay, 'over'>): (configured: T) => T {
  let last: { readonly configured: T; readonly merged: T } | undefined;
  return (configured) => {
    if (last?.configured !== configured) {
      last = { configured, merged: { ...configured, links: over(configured.links) } };
    }
    return last.merged;
  };
}
