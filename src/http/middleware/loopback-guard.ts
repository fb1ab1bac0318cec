import type { Context } from 'hono';
import { ownFault } from '../../adapter-kit/index.ts';
import { isLoopbackHost } from '../../config/loopback.ts';
import { listenerOf } from '../listener.ts';
import type { RequestHeaders } from '../request-state.ts';
import { respondProblem } from '../responses.ts';

/**
 * Without callers everybody on this machine may call, and a browser page is on this machine too:
 * only a loopback name as `Host` shows that no foreign name was bound to the address. The request
 * line may name a host as well, and then both must be loopback; and the page, where a browser tells
 * of one (Fetch, `Origin`; Fetch Metadata, `Sec-Fetch-Site`).
 */
export function refuseForeignHost(c: Context): Response | undefined {
  const { callers } = c.get('gateway');
  if (callers !== undefined && listenerOf(c) !== 'admin-open') return undefined;
  // The server makes the URL of whatever the caller wrote as a host: it may be none.
  const url = URL.parse(c.req.url);
  const { requestHeaders } = c.get('state');
  const host = requestHeaders.host ?? url?.host ?? '';
  const isNear = isLoopbackHost(url?.hostname ?? '') && isLoopbackHost(hostnameOf(host));
  if (isNear && !isOfForeignPage(requestHeaders)) return undefined;
  const detail = 'Without configured callers the gateway accepts only loopback host names.';
  return respondProblem(c, ownFault('forbidden', detail));
}

function isOfForeignPage({ origin, 'sec-fetch-site': site }: RequestHeaders): boolean {
  if (origin === undefined) return site === 'cross-site';
  return !URL.canParse(origin) || !isLoopbackHost(new URL(origin).hostname);
}

/** The name in a `Host` header, its port left out; empty when it is none. */
function hostnameOf(host: string): string {
  return /^(\[[0-9a-f:.]*\]|[^:@/?#\\,\s]*)(?::\d*)?$/i.exec(host)?.[1] ?? '';
}
