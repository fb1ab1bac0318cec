import type { Context } from 'hono';
import { mayUse } from '../auth/permissions.ts';
import type { RouteRequest } from '../routing/router.ts';

/** Returns the parts of a request that rules look at, for the profile `id`. */
export function routeRequest(c: Context, id: string): RouteRequest {
  const { caller } = c.get('state');
  return {
    id,
    header: (name) => c.req.header(name),
    caller: caller?.name,
    mayUse: (target) => mayUse(caller, target),
  };
}
