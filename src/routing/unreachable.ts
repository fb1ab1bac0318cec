import { covers } from './pattern.ts';
import { createRouter, type Route } from './router.ts';

/**
 * Finds the rules that are never used: each by its path, with the path of an earlier rule that
 * matches all that it could. The texts of its patterns stand for all that a rule matches, and the
 * router finds the first rule for them without trying each.
 */
export function unreachableRoutes(routes: readonly Route[]): ReadonlyMap<string, string> {
  const { find } = createRouter(routes);
  const behind = new Map<string, string>();
  for (const route of routes) {
    const texts = new Map(route.conditions.map(({ path, pattern }) => [path, pattern.text]));
    const earlier = find({
      id: texts.get('match.id') ?? '',
      header: (name) => texts.get(`match.header.${name}`),
      caller: texts.get('match.caller'),
    });
    if (earlier !== undefined && earlier !== route && takesAll(earlier, route)) {
      behind.set(route.path, earlier.path);
    }
  }
  return behind;
}

/** Reports whether whatever meets the conditions of `narrow` surely meets those of `wide`. */
function takesAll(wide: Route, narrow: Route): boolean {
  return wide.conditions.every(({ path, pattern }) =>
    narrow.conditions.some((other) => other.path === path && covers(pattern, other.pattern)),
  );
}
