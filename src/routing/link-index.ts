import { LINKS_OF_PROFILE_MAX, LINKS_PER_TURN } from '../limits.ts';
import { hashBytes, readLength, readText, textBytes } from './link-bytes.ts';
import { createLinkChains } from './link-chains.ts';
import type { IdTest, Links } from './links.ts';

/** Records of a table of links, as the index of one target reads them. */
export type LinkRecords = {
  /** The place after the last record. */
  readonly end: () => number;
  readonly pageOf: (place: number) => Uint8Array;
  readonly pageBytes: number;
  /** Reports whether the record at `place` is still the link of its id. */
  readonly isCurrent: (place: number) => boolean;
};

/** The links of one target by their upstream ids. */
type LinkIndex = {
  /**
   * Finds the ids of the links that lead to an upstream id, as far as `isCounted` accepts them;
   * undefined while more records are to be read, of which each call reads `LINKS_PER_TURN`. Where
   * more than `LINKS_OF_PROFILE_MAX` lead there, it finds one more than that.
   */
  readonly idsAt: (upstreamId: Uint8Array, isCounted: IdTest) => readonly string[] | undefined;
  /** Size in memory, in bytes. */
  readonly byteLength: () => number;
};

/**
 * Creates the index of the target at `position`. It reads the records in the order in which they
 * were added, and forgets the record of a link that was replaced when it finds it: a link is found
 * however often it was set.
 */
function createLinkIndex(records: LinkRecords, position: number): LinkIndex {
  const chains = createLinkChains();
  let reached = 0;

  /** Reads the next record, or goes to the next page where this one has no more. */
  const readNext = (): void => {
    const { pageBytes, pageOf } = records;
    const start = reached % pageBytes;
    const page = pageOf(reached);
    if (start + 2 > pageBytes || readLength(page, start) === 0) {
      reached += pageBytes - start;
      return;
    }
    const target = findTarget(page, start, position);
    if (target.start !== undefined) {
      chains.add(reached, hashBytes(page, target.start, target.end));
    }
    reached += target.recordEnd - start;
  };

  return {
    byteLength: chains.byteLength,
    idsAt: (upstreamId, isCounted) => {
      for (let count = 0; reached < records.end(); count += 1) {
        if (count >= LINKS_PER_TURN) return undefined;
        readNext();
      }
      const found: string[] = [];
      chains.visit(hashBytes(upstreamId, 0, upstreamId.length), (place) => {
        if (!namesUpstreamId(records, place, position, upstreamId)) return 'go_on';
        if (!records.isCurrent(place)) return 'gone';
        const id = readText(records.pageOf(place), place % records.pageBytes);
        if (isCounted(id)) found.push(id);
        return found.length > LINKS_OF_PROFILE_MAX ? 'stop' : 'go_on';
      });
      return found;
    },
  };
}

function namesUpstreamId(
  { pageBytes, pageOf }: LinkRecords,
  place: number,
  position: number,
  upstreamId: Uint8Array,
): boolean {
  const page = pageOf(place);
  const { end, start } = findTarget(page, place % pageBytes, position);
  if (start === undefined || end - start !== upstreamId.length) return false;
  for (let i = 0; i < upstreamId.length; i += 1) {
    if (page[start + i] !== upstreamId[i]) return false;
  }
  return true;
}

/** Finds the upstream id of a target in the record at `start`, and where the record ends. */
function findTarget(page: Uint8Array, start: number, position: number) {
  const countAt = start + 2 + readLength(page, start);
  let found: number | undefined;
  let end = 0;
  let at = countAt + 1;
  for (let count = page[countAt] ?? 0; count > 0; count -= 1) {
    const textStart = at + 4;
    const textEnd = textStart + readLength(page, at + 2);
    if (readLength(page, at) === position) [found, end] = [textStart, textEnd];
    at = textEnd;
  }
  return { start: found, end, recordEnd: at };
}

/** The indexes of a table, each made when its target is first looked for. */
export type LinkIndexes = {
  /** See `Links`. */
  readonly idsAt: NonNullable<Links['idsAt']>;
  /** Size in memory, in bytes. */
  readonly byteLength: () => number;
};

/** Creates the indexes of a table whose targets are called `names`, which may grow. */
export function createLinkIndexes(records: LinkRecords, names: readonly string[]): LinkIndexes {
  const indexes = new Map<string, LinkIndex>();
  const indexOf = (target: string): LinkIndex | undefined => {
    const known = indexes.get(target);
    const position = known === undefined ? names.indexOf(target) : -1;
    if (position < 0) return known;
    const index = createLinkIndex(records, position);
    indexes.set(target, index);
    return index;
  };
  return {
    idsAt: (target, upstreamId, isCounted = () => true) => {
      const index = indexOf(target);
      if (index === undefined) return [];
      return index.idsAt(textBytes(upstreamId), isCounted) ?? 'indexing';
    },
    byteLength: () => [...indexes.values()].reduce((sum, index) => sum + index.byteLength(), 0),
  };
}
