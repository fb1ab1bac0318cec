/** What a trace of function entries says of how far apart the code of one request lies. */
export type TraceFigures = {
  readonly entries: number;
  /** Distinct functions. */
  readonly functions: number;
  /** Each file in the order of its first entry, with the number of its entries. */
  readonly files: ReadonlyMap<string, number>;
  /** Entries into another file than the entry before. */
  readonly hops: number;
};

/** Counts a trace of places, each written `file:line:column`. */
export function hopsBetween(places: readonly string[]): TraceFigures {
  const files = new Map<string, number>();
  let hops = 0;
  let last: string | undefined;
  for (const place of places) {
    const file = place.slice(0, place.indexOf(':'));
    files.set(file, (files.get(file) ?? 0) + 1);
    if (last !== undefined && file !== last) hops += 1;
    last = file;
  }
  return { entries: places.length, functions: new Set(places).size, files, hops };
}
