/** A map whose entries come and go with requests, in the order in which they came. */
export type CompactingMap<K, V> = {
  readonly get: (key: K) => V | undefined;
  readonly has: (key: K) => boolean;
  readonly set: (key: K, value: V) => void;
  /** Removes a key; false where it was absent. */
  readonly delete: (key: K) => boolean;
  readonly keys: () => Iterable<K>;
  /** The key that came first; undefined where there is none. */
  readonly oldest: () => K | undefined;
  readonly size: () => number;
};

/** Additions after which the map is made anew: so few, and so many for each entry that stays. */
const ADDITIONS_MIN = 64;
const ADDITIONS_PER_ENTRY = 4;

/**
 * A `Map` that is made anew from time to time. V8 gives a map another table whenever additions have
 * used up the one it has, and the old table refers to the new one: once the garbage collection of
 * young objects no longer looks at one of them, it keeps all that follow, with what they hold,
 * until the next full collection. Two maps of the hot path made those four times as frequent.
 */
export function createCompactingMap<K, V>(): CompactingMap<K, V> {
  let map = new Map<K, V>();
  let additions = 0;
  return {
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set: (key, value) => {
      if (additions >= ADDITIONS_MIN + ADDITIONS_PER_ENTRY * map.size) {
        map = new Map(map);
        additions = 0;
      }
      additions += 1;
      map.set(key, value);
    },
    delete: (key) => map.delete(key),
    keys: () => map.keys(),
    oldest: () => map.keys().next().value,
    size: () => map.size,
  };
}
