import { createCompactingMap } from './compacting-map.ts';

/** A map of bounded size that drops the entry whose last use is longest ago. */
export type Lru<V> = {
  /** Returns a value and counts as a use of its entry. */
  readonly get: (key: string) => V | undefined;
  readonly set: (key: string, value: V) => void;
  readonly delete: (key: string) => void;
};

export function createLru<V>(entriesMax: number): Lru<V> {
  // In the order of last use.
  const entries = createCompactingMap<string, V>();
  const putLast = (key: string, value: V): void => {
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) putLast(key, value);
      return value;
    },
    set: (key, value) => {
      putLast(key, value);
      const oldest = entries.size() > entriesMax ? entries.oldest() : undefined;
      if (oldest !== undefined) entries.delete(oldest);
    },
    delete: entries.delete,
  };
}
