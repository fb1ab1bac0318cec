/** A target as far as it says where its profiles are. */
export type Place = {
  readonly name: string;
  /** By default the target's name. */
  readonly idNamespace: string;
  /** The account, with its vendor. */
  readonly account: string;
};

/**
 * Returns the write namespace of each target by its name. Targets of one id namespace share one,
 * and so do targets of one account, whatever their id namespaces are: a lock too many only costs
 * time, where one too few loses an update.
 */
export function writeNamespaces(places: readonly Place[]): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  const find = (key: string): string => {
    const path: string[] = [];
    let at = key;
    for (let up = parents.get(at); up !== undefined && up !== at; up = parents.get(at)) {
      path.push(at);
      at = up;
    }
    for (const passed of path) parents.set(passed, at);
    return at;
  };
  // The first by the alphabet names the group, so that the order of targets does not matter.
  const join = (one: string, other: string): void => {
    const [first = one, second = other] = [find(one), find(other)].sort();
    parents.set(first, first);
    parents.set(second, first);
  };
  for (const { account, idNamespace } of places) join(`account ${account}`, `ids ${idNamespace}`);
  return new Map(places.map(({ account, name }) => [name, find(`account ${account}`)]));
}
