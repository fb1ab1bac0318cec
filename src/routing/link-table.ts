import { hashBytes, readLength, readText, writeLength, writeText } from './link-bytes.ts';
import { createLinkIndexes } from './link-index.ts';
import type { Link, Links, ListedLinks } from './links.ts';

/** Links in memory, while they are added. */
export type LinkTable = {
  readonly find: (id: string) => Link | undefined;
  /** False when the id has a link already. `targets` are positions in the list of names. */
  readonly add: (id: string, targets: readonly LinkedTarget[]) => boolean;
  /** Adds a link, or replaces the one that the id has; its room is lost. */
  readonly put: (id: string, targets: readonly LinkedTarget[]) => void;
  /** Lists the links in the next `max` places of the table, used or not. */
  readonly list: (place: number, max: number) => ListedLinks;
  /** See `Links`. */
  readonly idsAt: NonNullable<Links['idsAt']>;
  readonly size: () => number;
  /** Size of the table itself, in bytes. */
  readonly byteLength: () => number;
};

export type LinkedTarget = { readonly position: number; readonly upstreamId: string };

const PAGE_BITS = 20;
const PAGE_BYTES = 2 ** PAGE_BITS;
const SLOTS_MIN = 1024;

/**
 * A hash table over bytes: a million links would be several million strings, which take three
 * times the room and keep the garbage collector busy. A record never crosses a page; it is the
 * id, the number of targets, and for each its position and the upstream id, texts as UTF-8 after
 * their length in two bytes. A slot holds where a record is, counted from 1, and its id's hash.
 */
export function createLinkTable(names: readonly string[]): LinkTable {
  // Every text is at most ID_CODE_POINTS_MAX characters of 4 bytes, and is measured here first.
  const scratch = new Uint8Array(PAGE_BYTES);
  const pages = createPages(scratch);
  let slots = new Uint32Array(SLOTS_MIN * 2);
  let size = 0;

  /** The slot of the id in `scratch`, or the empty one where it belongs. */
  const slotOf = (hash: number, length: number): number => {
    const mask = slots.length / 2 - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot * 2] ?? 0;
      if (place === 0) return slot;
      if (slots[slot * 2 + 1] === hash && pages.holdsId(place - 1, length)) return slot;
    }
  };

  const set = (id: string, targets: readonly LinkedTarget[], mayReplace: boolean): boolean => {
    const idEnd = writeText(scratch, 0, id);
    const hash = hashBytes(scratch, 2, idEnd);
    const slot = slotOf(hash, idEnd - 2);
    const isNew = slots[slot * 2] === 0;
    if (!isNew && !mayReplace) return false;
    slots[slot * 2] = pages.store(writeTargets(scratch, idEnd, targets)) + 1;
    slots[slot * 2 + 1] = hash;
    if (isNew) size += 1;
    if (size * 4 > slots.length) slots = withTwiceTheSlots(slots);
    return true;
  };

  const isCurrent = (place: number): boolean => {
    const page = pages.pageOf(place);
    const start = place & (PAGE_BYTES - 1);
    const length = readLength(page, start);
    scratch.set(page.subarray(start, start + 2 + length));
    return slots[slotOf(hashBytes(scratch, 2, 2 + length), length) * 2] === place + 1;
  };
  const { end, pageOf } = pages;
  const indexes = createLinkIndexes({ end, pageOf, pageBytes: PAGE_BYTES, isCurrent }, names);

  return {
    idsAt: indexes.idsAt,
    add: (id, targets) => set(id, targets, false),
    put: (id, targets) => void set(id, targets, true),
    list: (place, max) => listSlots(slots, pages, names, place, max),
    find: (id) => {
      if (id.length > PAGE_BYTES / 4) return undefined;
      const idEnd = writeText(scratch, 0, id);
      const place = slots[slotOf(hashBytes(scratch, 2, idEnd), idEnd - 2) * 2] ?? 0;
      if (place === 0) return undefined;
      return readLink(pages.pageOf(place - 1), ((place - 1) & (PAGE_BYTES - 1)) + idEnd, names);
    },
    size: () => size,
    byteLength: () =>
      pages.byteLength() + slots.byteLength + scratch.byteLength + indexes.byteLength(),
  };
}

type Pages = {
  /** Puts the first `length` bytes of the scratch behind the last record; where they begin. */
  readonly store: (length: number) => number;
  /** Reports whether the record at `place` is of the id that stands in the scratch. */
  readonly holdsId: (place: number, length: number) => boolean;
  readonly pageOf: (place: number) => Uint8Array;
  /** The place after the last record. */
  readonly end: () => number;
  readonly byteLength: () => number;
};

function createPages(scratch: Uint8Array): Pages {
  const pages: Uint8Array[] = [];
  let used = PAGE_BYTES;
  const pageOf = (place: number): Uint8Array => pages[place >>> PAGE_BITS] ?? scratch;
  return {
    pageOf,
    store: (length) => {
      if (used + length > PAGE_BYTES) {
        pages.push(new Uint8Array(PAGE_BYTES));
        used = 0;
      }
      pages.at(-1)?.set(scratch.subarray(0, length), used);
      used += length;
      return (pages.length - 1) * PAGE_BYTES + used - length;
    },
    holdsId: (place, length) => {
      const page = pageOf(place);
      const start = place & (PAGE_BYTES - 1);
      if (readLength(page, start) !== length) return false;
      for (let i = 0; i < length; i += 1) {
        if (page[start + 2 + i] !== scratch[2 + i]) return false;
      }
      return true;
    },
    end: () => (pages.length === 0 ? 0 : (pages.length - 1) * PAGE_BYTES + used),
    byteLength: () => pages.length * PAGE_BYTES,
  };
}

/** Lists the links in `max` slots from `start` on. */
function listSlots(
  slots: Uint32Array,
  { pageOf }: Pages,
  names: readonly string[],
  start: number,
  max: number,
): ListedLinks {
  const slotsMax = slots.length / 2;
  const end = Math.min(start + max, slotsMax);
  const links: ListedLinks['links'][number][] = [];
  for (let slot = start; slot < end; slot += 1) {
    const at = (slots[slot * 2] ?? 0) - 1;
    if (at < 0) continue;
    links.push({ ...readRecord(pageOf(at), at & (PAGE_BYTES - 1), names), place: slot });
  }
  return { links, next: end < slotsMax ? end : undefined };
}

function withTwiceTheSlots(old: Uint32Array): Uint32Array<ArrayBuffer> {
  const slots = new Uint32Array(old.length * 2);
  const mask = slots.length / 2 - 1;
  for (let i = 0; i < old.length; i += 2) {
    const [place = 0, hash = 0] = [old[i], old[i + 1]];
    if (place === 0) continue;
    let slot = hash & mask;
    while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = place;
    slots[slot * 2 + 1] = hash;
  }
  return slots;
}

function readRecord(page: Uint8Array, start: number, names: readonly string[]) {
  const idEnd = start + 2 + readLength(page, start);
  return { id: readText(page, start), link: readLink(page, idEnd, names) };
}

function readLink(page: Uint8Array, start: number, names: readonly string[]): Link {
  const link = new Map<string, string>();
  let at = start + 1;
  for (let count = page[start] ?? 0; count > 0; count -= 1) {
    const name = names[readLength(page, at)];
    if (name !== undefined) link.set(name, readText(page, at + 2));
    at += 4 + readLength(page, at + 2);
  }
  return link;
}

/** Writes the targets of a link behind its id; where they end. */
function writeTargets(bytes: Uint8Array, idEnd: number, targets: readonly LinkedTarget[]): number {
  bytes[idEnd] = targets.length;
  let end = idEnd + 1;
  for (const { position, upstreamId } of targets) {
    writeLength(bytes, end, position);
    end = writeText(bytes, end + 2, upstreamId);
  }
  return end;
}
