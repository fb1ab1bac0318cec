/** Places by their hashes: those of one hash in a chain, with the latest first. */
export type LinkChains = {
  readonly add: (place: number, hash: number) => void;
  /** Visits the places of a hash; one that is called `gone` is visited at most once more. */
  readonly visit: (hash: number, visitor: (place: number) => 'go_on' | 'gone' | 'stop') => void;
  /** Size in memory, in bytes. */
  readonly byteLength: () => number;
};

/** Most entries before there is room for twice as many. */
const ENTRIES_MIN = 1024;
/** Numbers of an entry: its place, its hash, and the next entry of its chain, counted from 1. */
const ENTRY_NUMBERS = 3;

export function createLinkChains(): LinkChains {
  let heads = new Uint32Array(ENTRIES_MIN);
  let entries = new Uint32Array(ENTRIES_MIN * ENTRY_NUMBERS);
  let size = 0;

  const slotOf = (hash: number): number => hash & (heads.length - 1);
  /** Puts the entry at `at` at the beginning of its chain. */
  const chain = (at: number): void => {
    const slot = slotOf(entries[at + 1] ?? 0);
    entries[at + 2] = heads[slot] ?? 0;
    heads[slot] = at / ENTRY_NUMBERS + 1;
  };
  /** Makes room; entries that have left their chains are in them again. */
  const grow = (): void => {
    heads = new Uint32Array(heads.length * 2);
    const more = new Uint32Array(heads.length * ENTRY_NUMBERS);
    more.set(entries);
    entries = more;
    for (let entry = 0; entry < size; entry += 1) chain(entry * ENTRY_NUMBERS);
  };

  return {
    byteLength: () => heads.byteLength + entries.byteLength,
    add: (place, hash) => {
      if (size === heads.length) grow();
      const at = size * ENTRY_NUMBERS;
      [entries[at], entries[at + 1]] = [place, hash];
      size += 1;
      chain(at);
    },
    visit: (hash, visitor) => {
      const slot = slotOf(hash);
      let previous: number | undefined;
      let next = heads[slot] ?? 0;
      while (next !== 0) {
        const at = (next - 1) * ENTRY_NUMBERS;
        next = entries[at + 2] ?? 0;
        const seen = entries[at + 1] === hash ? visitor(entries[at] ?? 0) : 'go_on';
        if (seen === 'stop') return;
        if (seen !== 'gone') previous = at;
        else if (previous === undefined) heads[slot] = next;
        else entries[previous + 2] = next;
      }
    },
  };
}
