import type { Router } from 'hono/router';
import { formOf, type PathForm, valueIn } from './paths.ts';

/**
 * Finds the handler of a path of the interface, of which none has more than one parameter. Hono's
 * own routers look a path up as the name of a property, for which V8 keeps a copy of each path
 * that comes, or make an object of the parameters: 0.9 µs more for each request.
 */
export function createPathRouter<T>(): Router<T> {
  const routesOf = new Map<string, PathRoute<T>[]>();
  return {
    name: 'PathRouter',
    add: (method, path, handler) => {
      const routes = routesOf.get(method) ?? [];
      routesOf.set(method, [...routes, routeOf(path, handler)]);
    },
    match: (method, path) => {
      for (const route of routesOf.get(method) ?? []) {
        const value = valueIn(route.form, path);
        if (value !== undefined) return [route.matched, [value]];
      }
      return [[]];
    },
  };
}

type PathRoute<T> = {
  readonly form: PathForm;
  /** The handler as hono takes it, with where the value of each parameter is found. */
  readonly matched: [T, Record<string, number>][];
};

function routeOf<T>(path: string, handler: T): PathRoute<T> {
  const form = formOf(path);
  return { form, matched: [[handler, form.after === undefined ? {} : { [form.parameter]: 0 }]] };
}
