import type { Router } from 'hono/router';

/**
 * Finds the handler of a path of the interface, of which none has more than one parameter. Hono's
 * own routers look a path up as the name of a property, for which V8 keeps a copy of each path
 * that comes, or make an object of the parameters: 0.9 µs more for each request.
 */
export function createPathRouter<T>(): Router<T> {
  const routesOf = new Map<string, Route<T>[]>();
  return {
    name: 'PathRouter',
    add: (method, path, handler) => {
      const routes = routesOf.get(method) ?? [];
      routesOf.set(method, [...routes, routeOf(path, handler)]);
    },
    match: (method, path) => {
      for (const route of routesOf.get(method) ?? []) {
        const value = valueIn(route, path);
        if (value !== undefined) return [route.matched, [value]];
      }
      return [[]];
    },
  };
}

type Route<T> = {
  /** What stands before the parameter, or the whole path where it has none. */
  readonly before: string;
  /** What follows the parameter; undefined where the path has none. */
  readonly after: string | undefined;
  /** The handler as hono takes it, with where the value of each parameter is found. */
  readonly matched: [T, Record<string, number>][];
};

function routeOf<T>(path: string, handler: T): Route<T> {
  const [before = '', parameter = '', after] = path.split(/:(\w+)/);
  return { before, after, matched: [[handler, after === undefined ? {} : { [parameter]: 0 }]] };
}

/** The value of the parameter as it is written, empty without one; undefined: another path. */
function valueIn({ after, before }: Route<unknown>, path: string): string | undefined {
  if (after === undefined) return path === before ? '' : undefined;
  if (!path.startsWith(before)) return undefined;
  const end = path.length - after.length;
  const next = path.indexOf('/', before.length);
  const isWhole = next === -1 ? after === '' : next === end && path.endsWith(after);
  return isWhole && end > before.length ? path.slice(before.length, end) : undefined;
}
