import type { Target } from '../upstream/target.ts';
import type { Links } from './links.ts';
import type { Pattern } from './pattern.ts';
import { createPatternIndex, type PatternIndex } from './prefix-index.ts';
import type { Share } from './weighted-split.ts';

/** The parts of a request that rules look at. */
export type RouteRequest = {
  /** As the caller wrote it, without a `:`. */
  readonly id: string;
  /** The value of a header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The caller's name, where callers are configured. */
  readonly caller: string | undefined;
  /** Reports whether the caller may use a target, by its name; absent: all. */
  readonly mayUse?: (target: string) => boolean;
};

/** One condition of a rule: a value of the request that must match a pattern. */
export type Condition = {
  /** Its place in the rule, `match.header.x-tenant`. */
  readonly path: string;
  readonly pattern: Pattern;
  /** Undefined where the request has no such value, and then the condition does not hold. */
  readonly valueIn: (request: RouteRequest) => string | undefined;
};

/** One rule, ready to be applied. */
export type Route = {
  /** Its place in the configuration, `routes.0`. */
  readonly path: string;
  /** All of them must hold. */
  readonly conditions: readonly Condition[];
  /** The upstream id that the rule finds in an id which matches and has no link. */
  readonly capture: ((id: string) => string) | undefined;
  /** One target, or those that share its ids by weight. */
  readonly shares: readonly Share<Target>[];
  /** The shares lie in several id namespaces, so an id has no meaning there without a link. */
  readonly linkedOnly: boolean;
  /** Refuses what the target cannot take, whatever handling the caller prefers. */
  readonly strictHandling: boolean;
  /** Tried in this order where the target surely did nothing; all of the target's id namespace. */
  readonly fallback: readonly Target[];
};

/** Data that an id is resolved against: the rules, the links, and the targets by name. */
export type RoutingTable = {
  readonly router: Router;
  readonly links: Links | undefined;
  readonly targets: ReadonlyMap<string, Target>;
};

export type Router = {
  readonly routes: readonly Route[];
  /** The first rule whose conditions all hold. */
  readonly find: (request: RouteRequest) => Route | undefined;
};

/** Reports whether every condition of `route` holds. */
export function applies({ conditions }: Route, request: RouteRequest): boolean {
  return conditions.every((condition) => holds(condition, request));
}

export function holds({ pattern, valueIn }: Condition, request: RouteRequest): boolean {
  const value = valueIn(request);
  return value !== undefined && pattern.matches(value);
}

/**
 * Sorts the rules by what they ask for, so that a request is compared with the few rules that its
 * id, headers and caller can fit instead of with all. Which rule wins is what trying all in their
 * order would give.
 */
export function createRouter(routes: readonly Route[]): Router {
  const bucketOf = createBuckets(routes);
  const sorted = new Map<string, Dimension>();
  const unsorted: number[] = [];
  for (const [position, route] of routes.entries()) {
    const condition = mostTelling(route, bucketOf);
    if (condition === undefined) unsorted.push(position);
    else {
      const dimension = sorted.get(condition.path) ?? newDimension(condition);
      dimension.index.add(condition.pattern, position);
      sorted.set(condition.path, dimension);
    }
  }
  const dimensions = [...sorted.values()];
  return { routes, find: (request) => findFirst(routes, dimensions, unsorted, request) };
}

/** The rules that are found by one value of a request. */
type Dimension = { readonly valueIn: Condition['valueIn']; readonly index: PatternIndex };

function newDimension({ valueIn }: Condition): Dimension {
  return { valueIn, index: createPatternIndex() };
}

function findFirst(
  routes: readonly Route[],
  dimensions: readonly Dimension[],
  unsorted: readonly number[],
  request: RouteRequest,
): Route | undefined {
  let first = routes.length;
  const consider = (positions: readonly number[]): void => {
    for (const position of positions) {
      if (position >= first) return;
      const route = routes[position];
      if (route !== undefined && applies(route, request)) first = position;
    }
  };
  consider(unsorted);
  for (const { index, valueIn } of dimensions) {
    const value = valueIn(request);
    if (value !== undefined) index.visit(value, consider);
  }
  return routes[first];
}

/** Counts for each condition how many rules ask for the same. */
function createBuckets(routes: readonly Route[]): (condition: Condition) => number {
  const keyOf = ({ path, pattern: { exact, prefix } }: Condition): string =>
    `${path}\n${exact ? '=' : '^'}${prefix}`;
  const counts = new Map<string, number>();
  for (const condition of routes.flatMap(({ conditions }) => conditions)) {
    const key = keyOf(condition);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (condition) => counts.get(keyOf(condition)) ?? 0;
}

/** The condition that fewest rules share; undefined where none narrows the choice. */
function mostTelling(
  { conditions }: Route,
  bucketOf: (condition: Condition) => number,
): Condition | undefined {
  const narrowing = conditions.filter(({ pattern }) => pattern.exact || pattern.prefix !== '');
  return narrowing.toSorted((a, b) => bucketOf(a) - bucketOf(b))[0];
}
