import type { Context } from 'hono';
import { ownFault } from '../../adapter-kit/index.ts';
import { isLoopbackHost } from '../../config/loopback.ts';
import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { CALLER_PATHS } from '../paths.ts';
import type { Handler } from '../pipeline.ts';
import type { RequestHeaders } from '../request-state.ts';
import { respondProblem } from '../responses.ts';
import { allowOrigin } from './cors.ts';

/**
 * The listener that a request arrived at. `shared`: the only one, where operations need a scope. If
 * operations have a listener of their own, `profiles` is the other one; `admin` needs the scope,
 * and `admin-open`, on loopback, needs nothing.
 */
export const LISTENER_ROLES = ['shared', 'profiles', 'admin', 'admin-open'] as const;
export type ListenerRole = (typeof LISTENER_ROLES)[number];

/** The binding that an entry passes with each request; it calls `onCaller` for a known caller. */
export type ListenerBinding = { readonly role: ListenerRole; readonly onCaller?: () => void };

/** Returns the role of the listener; without a binding there is only one listener. */
export function listenerOf(c: Context): ListenerRole {
  const binding: unknown = c.env;
  if (typeof binding !== 'object' || binding === null || !('role' in binding)) return 'shared';
  return LISTENER_ROLES.find((role) => role === binding.role) ?? 'shared';
}

/** The version of the configuration in force; undefined while there is none. */
export type CurrentGateway = () => ConfigSnapshot | undefined | Promise<ConfigSnapshot | undefined>;

/**
 * Sets the configuration that the request keeps to its end. Rejects what another listener serves,
 * and, if no callers are configured, what may come from elsewhere than this machine.
 */
export function enter(gateway: CurrentGateway): Handler {
  const enterWith = (c: Context, current: ConfigSnapshot | undefined): Response | undefined => {
    if (current === undefined) {
      return respondProblem(c, ownFault('not_configured', 'The gateway has no configuration yet.'));
    }
    c.set('gateway', current);
    c.get('state').record.version = current.version;
    const rejected = rejectForeignHost(c, current);
    if (rejected === undefined && current.corsOrigins !== undefined) {
      allowOrigin(c, current.corsOrigins);
    }
    return rejected;
  };
  return (c) => {
    const rejected = rejectOnOtherListener(c);
    if (rejected !== undefined) return rejected;
    const current = gateway();
    return current instanceof Promise
      ? current.then((loaded) => enterWith(c, loaded))
      : enterWith(c, current);
  };
}

const OPERATION_PATHS = /^\/(?:admin\/|metrics$)/;

function rejectOnOtherListener(c: Context): Response | undefined {
  const role = listenerOf(c);
  const elsewhere = role === 'profiles' ? OPERATION_PATHS : CALLER_PATHS;
  if (role === 'shared' || !elsewhere.test(c.req.path)) return undefined;
  return respondProblem(
    c,
    ownFault('not_found', 'This path is served by another listener of the gateway.'),
  );
}

/**
 * Without callers everybody on this machine may call, and a browser page is on this machine too:
 * only a loopback name as `Host` shows that no foreign name was bound to the address. The request
 * line may name a host as well, and then both must be loopback, and so must the page if the browser
 * names one (Fetch, `Origin`; Fetch Metadata, `Sec-Fetch-Site`).
 */
function rejectForeignHost(c: Context, { callers }: ConfigSnapshot): Response | undefined {
  if (callers !== undefined && listenerOf(c) !== 'admin-open') return undefined;
  // The server builds the URL from any host that the caller sent: it may be invalid.
  const url = URL.parse(c.req.url);
  const { requestHeaders } = c.get('state');
  const host = hostnameOf(requestHeaders.host ?? url?.host ?? '');
  const isNear = isLoopbackHost(url?.hostname ?? '') && isLoopbackHost(host);
  if (isNear && !isOfForeignPage(requestHeaders)) return undefined;
  const detail = 'Without configured callers the gateway accepts only loopback host names.';
  return respondProblem(c, ownFault('forbidden', detail));
}

function isOfForeignPage({ origin, 'sec-fetch-site': site }: RequestHeaders): boolean {
  if (origin === undefined) return site === 'cross-site';
  return !URL.canParse(origin) || !isLoopbackHost(new URL(origin).hostname);
}

/** Returns the name in a `Host` header without its port; empty if the header is invalid. */
function hostnameOf(host: string): string {
  return /^(\[[0-9a-f:.]*\]|[^:@/?#\\,\s]*)(?::\d*)?$/i.exec(host)?.[1] ?? '';
}
