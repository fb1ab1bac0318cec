import type { Context } from 'hono';
import type { Fault, MaybePromise } from '../../adapter-kit/index.ts';
import { bearerKey, type Caller, type CallerBook, type Scope } from '../../auth/caller-registry.ts';
import { doorOf } from '../listener.ts';
import type { Gate } from '../pipeline.ts';
import { header, problem, type RequestState } from '../responses.ts';
import type { KeyPorts } from '../../auth/jwks-cache.ts';
import { JWKS_RETRY_MS } from '../../limits.ts';
import { ownFault } from '../problem-details.ts';
import { type Admit, rateHeaders } from '../../auth/rate-limiter.ts';

/** What it takes to tell callers apart, and to bound them; without `admit` they are not counted. */
export type AccessPorts = KeyPorts & { readonly admit: Admit | undefined };

/** Lets a request pass whose caller is known, within its rate, and has `scope`. */
export function callerHas(scope: Scope, ports: AccessPorts): Gate {
  return (c) => {
    const { callers } = c.get('gateway');
    if (callers === undefined || doorOf(c) === 'admin-open') return undefined;
    const identified = identify(c, callers, ports);
    return identified instanceof Promise
      ? identified.then((caller) => refuse(c, caller, scope, ports))
      : refuse(c, identified, scope, ports);
  };
}

type Identified = Caller | 'undecided' | undefined;

/** Remembers who asks, and counts it; the answer where that is not enough for `scope`. */
function refuse(
  c: Context,
  identified: Identified,
  scope: Scope,
  { admit }: AccessPorts,
): Response | undefined {
  if (identified === 'undecided') return problem(c, keysUnavailable());
  if (identified === undefined) {
    header(c, 'WWW-Authenticate', 'Bearer');
    const detail = 'Send the key or token of a configured caller as "Authorization: Bearer …".';
    return problem(c, ownFault('unauthenticated', detail));
  }
  const state = c.get('state');
  state.record.caller = identified.name;
  const exceeded = countRequest(state, identified, admit);
  if (exceeded !== undefined) return problem(c, exceeded);
  if (!identified.scopes.has(scope)) {
    return problem(c, ownFault('forbidden', `The caller lacks the scope ${scope}.`));
  }
  state.caller = identified;
  return undefined;
}

function identify(
  c: Context,
  { find, verify }: CallerBook,
  ports: AccessPorts,
): MaybePromise<Identified> {
  const credential = bearerKey(c.req.header('authorization'));
  if (credential === undefined) return undefined;
  const found = find(credential);
  if (verify === undefined) return found;
  const byToken = async (): Promise<Identified> => {
    const { caller, undecided } = await verify(credential, ports);
    return caller ?? (undecided ? 'undecided' : undefined);
  };
  if (found instanceof Promise) return found.then((caller) => caller ?? byToken());
  return found ?? byToken();
}

/** Counts the request against the caller's rate; a fault when it is one too many. */
function countRequest(
  { headers }: RequestState,
  { name, rate }: Caller,
  admit: Admit | undefined,
): Fault | undefined {
  if (rate === undefined || admit === undefined) return undefined;
  const admission = admit(name, rate);
  for (const [of, value] of rateHeaders(rate, admission)) headers[of] = value;
  if (admission.admitted) return undefined;
  const detail = `The caller may send ${rate.requestsPerSecond} requests per second.`;
  return ownFault('rate_limited', detail, { retryAfterSeconds: admission.nextInSeconds });
}

function keysUnavailable(): Fault {
  const detail = "The keys of the token's issuer cannot be had, so the token cannot be judged.";
  return ownFault('issuer_unavailable', detail, { retryAfterSeconds: JWKS_RETRY_MS / 1000 });
}

/**
 * Without callers everybody on this machine may call, and a browser page is on this machine too:
 * only a loopback name as `Host` shows that no foreign name was bound to the address. The request
 * line may name a host as well, and then both must be loopback; and the page, where a browser tells
 * of one (Fetch, `Origin`; Fetch Metadata, `Sec-Fetch-Site`).
 */
export function refuseForeignHost(c: Context): Response | undefined {
  const { callers } = c.get('gateway');
  if (callers !== undefined && doorOf(c) !== 'admin-open') return undefined;
  // The server makes the URL of whatever the caller wrote as a host: it may be none.
  const url = URL.parse(c.req.url);
  const host = c.req.header('Host') ?? url?.host ?? '';
  const isNear = isLoopbackHost(url?.hostname ?? '') && isLoopbackHost(hostnameOf(host));
  if (isNear && !isOfForeignPage(c)) return undefined;
  const detail = 'Without configured callers the gateway answers to loopback names only.';
  return problem(c, ownFault('forbidden', detail));
}

function isOfForeignPage(c: Context): boolean {
  const origin = c.req.header('Origin');
  if (origin === undefined) return c.req.header('Sec-Fetch-Site') === 'cross-site';
  return !URL.canParse(origin) || !isLoopbackHost(new URL(origin).hostname);
}

/** The name in a `Host` header, its port left out; empty when it is none. */
function hostnameOf(host: string): string {
  return /^(\[[0-9a-f:.]*\]|[^:@/?#\\,\s]*)(?::\d*)?$/i.exec(host)?.[1] ?? '';
}

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
