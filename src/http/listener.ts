import type { Context } from 'hono';
import { ownFault } from '../adapter-kit/index.ts';
import { respondProblem } from './responses.ts';

/**
 * Which listener a request came in by. `shared`: the only one, where the scope `admin` is asked
 * for. Where the operations have a listener of their own, `profiles` is the other one; `admin` asks
 * for the scope, and `admin-open`, on loopback, for nothing.
 */
export const LISTENER_ROLES = ['shared', 'profiles', 'admin', 'admin-open'] as const;
export type ListenerRole = (typeof LISTENER_ROLES)[number];

/** The binding that an entry passes with each request; `onCaller`: its caller is known. */
export type ListenerBinding = { readonly role: ListenerRole; readonly onCaller?: () => void };

/** A request without an entrance came by the only listener there is. */
export function listenerOf(c: Context): ListenerRole {
  const entrance: unknown = c.env;
  if (typeof entrance !== 'object' || entrance === null || !('role' in entrance)) return 'shared';
  return LISTENER_ROLES.find((role) => role === entrance.role) ?? 'shared';
}

const OPERATION_PATHS = /^\/(?:admin\/|metrics$)/;
const PROFILE_PATHS = /^\/(?:profiles|capabilities)(?:\/|$)/;

/** Answers by 404 what is served by the other listener. */
export function rejectOnOtherListener(c: Context): Response | undefined {
  const role = listenerOf(c);
  const elsewhere = role === 'profiles' ? OPERATION_PATHS : PROFILE_PATHS;
  if (role === 'shared' || !elsewhere.test(c.req.path)) return undefined;
  return respondProblem(
    c,
    ownFault('not_found', 'This path is served by another listener of the gateway.'),
  );
}
