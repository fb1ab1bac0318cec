import type { Pattern } from './pattern.ts';

/** Positions of patterns, found by a value that they may match. */
export type PatternIndex = {
  /** Positions must be added in rising order. */
  readonly add: (pattern: Pattern, position: number) => void;
  /** Gives every list of positions that can match `value`, each in rising order. */
  readonly visit: (value: string, see: (positions: readonly number[]) => void) => void;
};

/** A place in the tree of prefixes: the patterns that begin so, and where it goes on. */
type Node = { readonly positions: number[]; readonly next: Map<number, Node> };

/** Exact texts by a map, all other patterns by a tree of the characters they begin with. */
export function createPatternIndex(): PatternIndex {
  const exact = new Map<string, number[]>();
  const root = newNode();
  return {
    add: (pattern, position) => {
      if (pattern.exact) {
        const known = exact.get(pattern.text);
        if (known === undefined) exact.set(pattern.text, [position]);
        else known.push(position);
      } else nodeOf(root, pattern.prefix).positions.push(position);
    },
    visit: (value, see) => {
      // Without exact texts the value need not be hashed.
      const positions = exact.size === 0 ? undefined : exact.get(value);
      if (positions !== undefined) see(positions);
      let node: Node | undefined = root;
      for (let i = 0; node !== undefined; i += 1) {
        if (node.positions.length > 0) see(node.positions);
        node = i < value.length ? node.next.get(value.charCodeAt(i)) : undefined;
      }
    },
  };
}

function newNode(): Node {
  return { positions: [], next: new Map() };
}

function nodeOf(root: Node, prefix: string): Node {
  let node = root;
  for (let i = 0; i < prefix.length; i += 1) {
    const unit = prefix.charCodeAt(i);
    const next = node.next.get(unit) ?? newNode();
    node.next.set(unit, next);
    node = next;
  }
  return node;
}
