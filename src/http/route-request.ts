import type { Context } from 'hono';
import { mayUse } from '../auth/permissions.ts';
import type { Preferences } from './preferences.ts';
import type { Resolved } from '../routing/resolve.ts';
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

/** What the caller prefers, as far as the rule leaves it the choice. */
export function preferencesAt({ requireCapable }: Resolved, preferences: Preferences): Preferences {
  if (!requireCapable || preferences.handling === 'strict') return preferences;
  const applied = preferences.applied.replace(/^handling=lenient(?:, )?/, '');
  return { ...preferences, handling: 'strict', applied };
}
