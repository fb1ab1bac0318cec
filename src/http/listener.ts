import type { Context } from 'hono';
import { ownFault } from '../adapter-kit/index.ts';
import { problem } from './responses.ts';

/**
 * Which listener a request came in by. `shared`: the only one, where the scope `admin` is asked
 * for. Where the operations have a listener of their own, `profiles` is the other one; `admin` asks
 * for the scope, and `admin-open`, on loopback, for nothing.
 */
export const DOORS = ['shared', 'profiles', 'admin', 'admin-open'] as const;
export type Door = (typeof DOORS)[number];

/** What an entry gives each request besides the request itself. */
export type Entrance = { readonly door: Door };

/** A request without an entrance came by the only listener there is. */
export function doorOf(c: Context): Door {
  const entrance: unknown = c.env;
  if (typeof entrance !== 'object' || entrance === null || !('door' in entrance)) return 'shared';
  return DOORS.find((door) => door === entrance.door) ?? 'shared';
}

const OPERATIONS = /^\/(?:admin\/|metrics$)/;
const PROFILES = /^\/(?:profiles|capabilities)(?:\/|$)/;

/** Answers by 404 what is served by the other listener. */
export function servedHere(c: Context): Response | undefined {
  const door = doorOf(c);
  const elsewhere = door === 'profiles' ? OPERATIONS : PROFILES;
  if (door === 'shared' || !elsewhere.test(c.req.path)) return undefined;
  return problem(c, ownFault('not_found', 'Another listener of the gateway has this path.'));
}
