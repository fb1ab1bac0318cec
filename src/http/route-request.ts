import type { Context } from 'hono';
import { mayUse } from '../auth/permissions.ts';
import type { RouteRequest } from '../routing/router.ts';

/** What rules look at in the request of `c` for the profile `id`. */
export function routeRequest(c: Context, id: string): RouteRequest {
  const { caller } = c.get('state');
  return {
    id,
    header: (name) => c.req.header(name),
    caller: caller?.name,
    mayUse: (target) => mayUse(caller, target),
  };
}
