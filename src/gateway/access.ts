import type { MiddlewareHandler } from 'hono';
import { bearerKey, type Scope } from './callers.ts';
import { note, problem } from './http.ts';
import { ownFault } from './problem.ts';

/** Lets a request pass whose caller is known and has `scope`. */
export function allow(scope: Scope): MiddlewareHandler {
  return async function checkCaller(c, next) {
    const { callers } = c.get('gateway');
    if (callers === undefined) return next();
    const key = bearerKey(c.req.header('Authorization'));
    const caller = key === undefined ? undefined : await callers.find(key);
    if (caller === undefined) {
      c.header('WWW-Authenticate', 'Bearer');
      const detail = 'Send the key of a configured caller as "Authorization: Bearer <key>".';
      return problem(c, ownFault('unauthenticated', detail));
    }
    note(c, { caller: caller.name });
    if (!caller.scopes.has(scope)) {
      return problem(c, ownFault('forbidden', `The caller lacks the scope ${scope}.`));
    }
    c.set('caller', caller);
    return next();
  };
}

/**
 * Without callers everybody on this machine may call, and a browser page is on this machine too:
 * only a loopback name as `Host` shows that no foreign name was bound to the address.
 */
export const loopbackHostOnly: MiddlewareHandler = async function loopbackHostOnly(c, next) {
  const { callers } = c.get('gateway');
  if (callers !== undefined || isLoopbackHost(new URL(c.req.url).hostname)) return next();
  const detail = 'Without configured callers the gateway answers to loopback names only.';
  return problem(c, ownFault('forbidden', detail));
};

/** `localhost`, 127.0.0.0/8 and `::1`, as a URL or a configuration writes them. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}
