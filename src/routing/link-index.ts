import { LINKS_PER_TURN } from '../limits.ts';
import { hashBytes, readLength } from './link-bytes.ts';

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
   * Finds the ids of the links that lead to an upstream id, as UTF-8; undefined while more records
   * are to be read, of which each call reads `LINKS_PER_TURN`. None where very many lead there.
   */
  readonly idsAt: (upstreamId: Uint8Array) => readonly Uint8Array[] | undefined;
  /** Size in memory, in bytes. */
  readonly byteLength: () => number;
};

const INDEX_SLOTS_MIN = 1024;
/** Most links of one upstream id that are distinguished; equal hashes count as the same. */
const SAME_MAX = 8;

/**
 * Creates the index of the target at `position`. It reads the records in the order in which they
 * were added, and never forgets one: a link that was replaced fails `isCurrent`. A slot holds where
 * a record is, counted from 1, and the hash of its upstream id.
 */
function createLinkIndex(records: LinkRecords, position: number): LinkIndex {
  let slots = new Uint32Array(INDEX_SLOTS_MIN * 2);
  let size = 0;
  let reached = 0;

  const insert = (table: Uint32Array, place: number, hash: number): boolean => {
    const mask = table.length / 2 - 1;
    let same = 0;
    let slot = hash & mask;
    for (; (table[slot * 2] ?? 0) !== 0; slot = (slot + 1) & mask) {
      if (table[slot * 2 + 1] === hash) same += 1;
      if (same >= SAME_MAX) return false;
    }
    table[slot * 2] = place + 1;
    table[slot * 2 + 1] = hash;
    return true;
  };
  const add = (place: number, hash: number): void => {
    if (!insert(slots, place, hash)) return;
    size += 1;
    if (size * 4 <= slots.length) return;
    const twice = new Uint32Array(slots.length * 2);
    for (let i = 0; i < slots.length; i += 2) {
      const [at = 0, of = 0] = [slots[i], slots[i + 1]];
      if (at !== 0) insert(twice, at - 1, of);
    }
    slots = twice;
  };
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
    if (target.start !== undefined) add(reached, hashBytes(page, target.start, target.end));
    reached += target.recordEnd - start;
  };

  return {
    byteLength: () => slots.byteLength,
    idsAt: (upstreamId) => {
      for (let count = 0; reached < records.end(); count += 1) {
        if (count >= LINKS_PER_TURN) return undefined;
        readNext();
      }
      const hash = hashBytes(upstreamId, 0, upstreamId.length);
      const mask = slots.length / 2 - 1;
      const found: Uint8Array[] = [];
      let same = 0;
      for (let slot = hash & mask; (slots[slot * 2] ?? 0) !== 0; slot = (slot + 1) & mask) {
        if (slots[slot * 2 + 1] !== hash) continue;
        same += 1;
        const place = (slots[slot * 2] ?? 0) - 1;
        const id = idLeadingTo(records, place, position, upstreamId);
        if (id !== undefined) found.push(id);
      }
      return same >= SAME_MAX ? [] : found;
    },
  };
}

function idLeadingTo(
  { isCurrent, pageBytes, pageOf }: LinkRecords,
  place: number,
  position: number,
  upstreamId: Uint8Array,
): Uint8Array | undefined {
  const page = pageOf(place);
  const start = place % pageBytes;
  const { end, start: textStart } = findTarget(page, start, position);
  if (textStart === undefined || end - textStart !== upstreamId.length) return undefined;
  for (let i = 0; i < upstreamId.length; i += 1) {
    if (page[textStart + i] !== upstreamId[i]) return undefined;
  }
  if (!isCurrent(place)) return undefined;
  return page.slice(start + 2, start + 2 + readLength(page, start));
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
  readonly idsAt: (target: string, upstreamId: string) => readonly string[] | 'indexing';
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
    idsAt: (target, upstreamId) => {
      const index = indexOf(target);
      if (index === undefined) return [];
      const ids = index.idsAt(new TextEncoder().encode(upstreamId));
      return ids?.map((id) => new TextDecoder().decode(id)) ?? 'indexing';
    },
    byteLength: () => [...indexes.values()].reduce((sum, index) => sum + index.byteLength(), 0),
  };
}
